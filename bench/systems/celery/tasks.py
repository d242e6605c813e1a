"""The tasks and the settings, the same for worker and client; the place comes as JSON in the environment."""

import json
import os

from celery import Celery

place = json.loads(os.environ["BENCH_PLACE"])
addresses = place["addresses"]
broker = os.environ["BENCH_BROKER"]

app = Celery("bench", broker=addresses[broker], backend=addresses["redis"])
app.conf.update(
    task_default_queue=place["namespace"],
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_ignore_result=False,
    worker_prefetch_multiplier=64 if broker == "redis" else 8,
    worker_disable_rate_limits=True,
    worker_redirect_stdouts=False,
    worker_send_task_events=False,
    task_send_sent_event=False,
    broker_heartbeat=0,
    broker_connection_retry_on_startup=True,
    enable_utc=True,
    result_expires=3600,
)


@app.task(name="inc")
def inc(value):
    return value + 1


@app.task(name="echo")
def echo(text):
    return text


@app.task(name="sum")
def total(values):
    return sum(values)
