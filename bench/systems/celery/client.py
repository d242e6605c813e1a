"""The client: a line of JSON in, { op, value }; the work done with Celery's own calls; a line of JSON out."""

import json
import sys

from celery import chain, chord, group
from celery.result import ResultSet

from tasks import app, echo, inc, total

enqueued = []
finished = 0


def call(value):
    return inc.delay(value).get()


def send(values):
    """One connection and one channel for all of them."""
    with app.producer_pool.acquire(block=True) as producer:
        return [inc.apply_async((value,), producer=producer) for value in values]


def bulk(values):
    return ResultSet(send(values)).join_native()


def enqueue(values):
    enqueued.extend(result.id for result in send(values))


def done():
    """Counts stored results, a block at a time; whole blocks are not looked at again."""
    global enqueued, finished
    backend, size, more = app.backend, 1000, 0
    while enqueued:
        block = [backend.get_key_for_task(id) for id in enqueued[:size]]
        found = backend.client.exists(*block)
        if found < len(block):
            more = found
            break
        finished += found
        enqueued = enqueued[size:]
    return finished + more


def run_chain(length, value):
    return chain(inc.s(value), *(inc.s() for _ in range(length - 1))).apply_async().get()


def run_group(size):
    return group(inc.s(value) for value in range(size)).apply_async().join()


def run_chord(size):
    return chord(inc.s(value) for value in range(size))(total.s()).get()


operations = {
    "call": call,
    "bulk": bulk,
    "enqueue": enqueue,
    "done": done,
    "echo": lambda text: echo.delay(text).get(),
    "chain": run_chain,
    "group": run_group,
    "chord": run_chord,
}

print(json.dumps({"value": "ready"}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": operations[request["operation"]](*request["arguments"])}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
