"""Sends requests for Zoom's hosts to the server at ROLLCALL_URL: all that a program needs to change."""

import os
import re

import requests

ZOOM = re.compile(r"^https://(?:api\.)?zoom\.us(?=/)")
send = requests.Session.send


def send_elsewhere(self: requests.Session, request: requests.PreparedRequest, **options: object) -> requests.Response:
    request.url = ZOOM.sub(os.environ["ROLLCALL_URL"], request.url or "")
    return send(self, request, **options)


requests.Session.send = send_elsewhere
