"""Sends requests for Zoom's hosts to the server at ROLLCALL_URL: all that a program needs to change."""

import dataclasses
import os
import re

import requests

ZOOM = re.compile(r"^https://(?:api\.)?zoom\.us(?=/)")
send = requests.Session.send


def send_elsewhere(self: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
    request.url = ZOOM.sub(os.environ["ROLLCALL_URL"], request.url or "")
    return send(self, request, **options)


requests.Session.send = send_elsewhere

# The kit that Airbyte's source asks for predates Python 3.11, which refuses defaults of classes without a hash.
dataclass = dataclasses.dataclass


def dataclass_with_hash(cls: type | None = None, /, **options: bool) -> object:
    def wrap(cls: type) -> type:
        of_kit = cls.__module__.startswith("airbyte_cdk") and "__hash__" not in vars(cls)
        return dataclass(cls, **(options | {"unsafe_hash": True} if of_kit else options))

    return wrap if cls is None else wrap(cls)


dataclasses.dataclass = dataclass_with_hash
