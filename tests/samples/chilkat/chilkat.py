"""What generated programs use of the Chilkat library, over Python's own: the real one needs a licence."""

import json
import re
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlencode


class CkStringBuilder:
    def __init__(self) -> None:
        self.text = ""

    def SetString(self, text: str) -> bool:
        self.text = text
        return True

    def getAsString(self) -> str:
        return self.text

    def Contains(self, text: str, is_case_sensitive: bool) -> bool:
        assert is_case_sensitive
        return text in self.text

    def getBefore(self, marker: str, removes: bool) -> str:
        assert not removes
        return self.text.split(marker, 1)[0]

    def getAfterFinal(self, marker: str, removes: bool) -> str:
        assert not removes
        return self.text.rsplit(marker, 1)[-1]

    def get_IntValue(self) -> int:
        found = re.match(r"\s*-?\d+", self.text)
        return int(found[0]) if found else 0


class CkJsonObject:
    def __init__(self) -> None:
        self.value: Any = {}
        self.indexes = {"i": 0, "j": 0, "k": 0}

    def LoadSb(self, text: CkStringBuilder) -> bool:
        self.value = json.loads(text.text)
        return True

    def UpdateString(self, name: str, value: str) -> bool:
        self.value[name] = value
        return True

    def UpdateInt(self, name: str, value: int) -> bool:
        return self.UpdateString(name, str(value))

    def put_I(self, index: int) -> None:
        self.indexes["i"] = index

    def put_J(self, index: int) -> None:
        self.indexes["j"] = index

    def _at(self, path: str) -> Any:
        value = self.value
        for name, index in re.findall(r"([^.\[\]]+)|\[([ijk])\]", path):
            try:
                value = value[name] if name else value[self.indexes[index]]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def stringOf(self, path: str) -> str | None:
        value = self._at(path)
        return None if value is None else str(value)

    def IntOf(self, path: str) -> int:
        return int(self._at(path) or 0)

    def SizeOfArray(self, path: str) -> int:
        value = self._at(path)
        return len(value) if isinstance(value, list) else -1


class CkHttpResponse:
    def __init__(self, response: Any) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read().decode()

    def GetBodySb(self, text: CkStringBuilder) -> bool:
        return text.SetString(self.body)

    def get_StatusCode(self) -> int:
        return self.status

    def getHeaderField(self, name: str) -> str | None:
        return self.headers.get(name)


class CkHttp:
    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.succeeded = False

    def put_AuthToken(self, token: str) -> None:
        self.headers["Authorization"] = f"Bearer {token}"

    def SetRequestHeader(self, name: str, value: str) -> None:
        self.headers[name] = value

    def QuickRequest(self, verb: str, url: str) -> CkHttpResponse:
        request = urllib.request.Request(url, headers=self.headers, method=verb)
        self.succeeded = True
        try:
            return CkHttpResponse(urllib.request.urlopen(request))
        except urllib.error.HTTPError as error:
            return CkHttpResponse(error)

    def QuickRequestParams(self, verb: str, url: str, parameters: CkJsonObject) -> CkHttpResponse:
        return self.QuickRequest(verb, f"{url}?{urlencode(parameters.value)}" if parameters.value else url)

    def get_LastMethodSuccess(self) -> bool:
        return self.succeeded

    def SleepMs(self, milliseconds: int) -> None:
        time.sleep(milliseconds / 1000)


class CkDateTime:
    def __init__(self) -> None:
        self.time = datetime.now(timezone.utc)

    def SetFromTimestamp(self, timestamp: str) -> bool:
        self.time = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
        return True

    def SetFromCurrentSystemTime(self) -> bool:
        self.time = datetime.now(timezone.utc)
        return True

    def DiffSeconds(self, other: "CkDateTime") -> int:
        return int((self.time - other.time).total_seconds())
