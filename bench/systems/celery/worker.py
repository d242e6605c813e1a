"""A worker that prints `ready` when it takes work, and logs nothing but trouble."""

from celery.signals import worker_ready

from tasks import app, place


@worker_ready.connect
def say_ready(**_):
    print("ready", flush=True)


# Threads, since the tasks compute nothing: a pool of processes (the default, for tasks that do) hands each task over a
# pipe and back, which costs more than the second core gives.
app.worker_main(
    [
        "worker",
        "--queues=" + place["namespace"],
        "--pool=threads",
        "--concurrency=" + str(min(place["concurrency"], 32)),
        "--loglevel=ERROR",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
)
