"""A worker that prints `ready` when it takes work, and logs nothing but trouble."""


import os

from celery.signals import worker_ready

from tasks import app, place


@worker_ready.connect
def say_ready(**_):
    print("ready", flush=True)


pool = os.environ.get("BENCH_POOL", "prefork")
concurrency = int(os.environ.get("BENCH_PROCESSES", "2"))
app.worker_main(
    [
        "worker",
        "--queues=" + place["namespace"],
        "--pool=" + pool,
        "--concurrency=" + str(concurrency),
        "--loglevel=ERROR",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
        "-O",
        os.environ.get("BENCH_O", "default"),
    ]
)
