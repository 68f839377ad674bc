"""A real S3 server on this machine: moto, in a process of its own, which a test can stop."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import requests

BUCKET = "shoot"
ANY_KEYS = ("of-the-user", "secret")
"""Keys that are as good as others as long as nobody asks for them."""
_MAY_READ = (
    '{"Version": "2012-10-17", "Statement": ['
    '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, '
    '{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shoot/denied.png"}]}'
)


class S3Server:
    """A server that ends with its context.

    Args:
        files: contents by key, in the bucket ``shoot``.
        checks_keys: whether requests are checked as Amazon does; then ``denied.png`` is for nobody.

    Attributes:
        host: with the port, which stays the same.
        keys: key id and secret that are valid.
    """

    def __init__(self, files: dict[str, bytes], checks_keys: bool = False) -> None:
        self.files, self.checks_keys, self.keys = files, checks_keys, ANY_KEYS
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.host = f"127.0.0.1:{self._port}"

    def __enter__(self) -> S3Server:
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def address(self, below: str = "") -> str:
        """What a user types for what lies below the bucket."""
        settings = f"endpoint_override={self.host}&scheme=http&region=us-east-1"
        return f"s3://{BUCKET}{below}?{settings}"

    def start(self) -> None:
        """Starts the server with all files, also after it was killed."""
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(self._port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        pipe = self._process.stdin
        assert pipe
        pickle.dump(self.files, pipe)
        pipe.flush()  # it stays open: where it ends, the server does, too
        self._wait_until_it_listens()
        self.keys = ANY_KEYS
        if self.checks_keys:
            self.check_keys()

    def check_keys(self) -> None:
        """From now on only ``keys`` are valid."""
        iam = self._connect_iam()
        iam.create_user(UserName="user")
        iam.put_user_policy(UserName="user", PolicyName="p", PolicyDocument=_MAY_READ)
        self.change_keys()

    def change_keys(self) -> None:
        """Makes the keys so far worthless, and ``keys`` new ones."""
        self._check_keys_after("inf")
        iam, (old, _) = self._connect_iam(), self.keys
        if self.keys != ANY_KEYS:
            iam.delete_access_key(UserName="user", AccessKeyId=old)
        made = iam.create_access_key(UserName="user")["AccessKey"]
        self.keys = made["AccessKeyId"], made["SecretAccessKey"]
        self._check_keys_after("0")

    def kill(self) -> None:
        """Ends the process; whoever asks from now on is refused."""
        self._process.kill()
        self._process.communicate()

    def freeze(self) -> None:
        """Whoever asks from now on gets no answer."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Answers again, also those that were asked meanwhile."""
        os.kill(self._process.pid, signal.SIGCONT)

    def _connect_iam(self) -> Any:
        import boto3

        key, secret = self.keys
        return boto3.client(
            "iam",
            endpoint_url=f"http://{self.host}",
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )

    def _check_keys_after(self, count: str) -> None:
        """Has keys checked after a number of further requests."""
        url = f"http://{self.host}/moto-api/reset-auth"
        requests.post(url, data=count, timeout=60).raise_for_status()

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("moto does not start.")


def _serve(port: str) -> None:
    """Serves the files that come in a pickle; the bucket is full before anybody can ask."""
    from moto.backends import get_backend
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.server import main

    s3: Any = get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"]
    s3.create_bucket(BUCKET, "us-east-1")
    for key, content in pickle.load(sys.stdin.buffer).items():
        s3.put_object(BUCKET, key, content)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    main(["-H", "127.0.0.1", "-p", port])


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1])
