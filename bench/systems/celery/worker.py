"""A worker that prints `ready` when it takes work, and logs nothing but trouble."""

from celery.signals import worker_ready

from tasks import app, broker, place


@worker_ready.connect
def say_ready(**_):
    print("ready", flush=True)


# With RabbitMQ threads, since the tasks compute nothing: a pool of processes (the default, for tasks that do) hands each
# task over a pipe and back, which costs more than the second core gives. With Redis it gives more, since the transport
# itself is Python that keeps the main process busy.
pool = ["--pool=threads", "--concurrency=" + str(min(place["concurrency"], 32))]
if broker == "redis":
    pool = ["--pool=prefork", "--concurrency=2"]

app.worker_main(
    [
        "worker",
        "--queues=" + place["namespace"],
        *pool,
        "--loglevel=ERROR",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
)
