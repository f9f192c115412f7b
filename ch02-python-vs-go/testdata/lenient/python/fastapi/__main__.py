"""A part of the job service as FastAPI makes it by itself: nothing is strict."""

import os
import socket
import sys
import threading
from typing import Literal

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, conint

app = FastAPI()


class WantedRun(BaseModel):
    kind: Literal["sleep", "hash"]
    amount: conint(ge=0, le=10_000)


@app.post("/run")
async def run(wanted: WantedRun):
    return {"result": str(wanted.amount)}


@app.get("/jobs")
async def list_jobs():
    return []


@app.post("/jobs")
async def create_job(wanted: WantedRun):
    return wanted


def end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_stdin, daemon=True).start()
    listener = socket.create_server(("127.0.0.1", 0))
    print("jobs listen on http://%s:%d" % listener.getsockname()[:2], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False)).run([listener])
