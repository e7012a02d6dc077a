"""Lines of participants' minutes, six streams each, the same at each run."""

import random
from datetime import datetime, timedelta
from pathlib import Path

STREAMS = (("audio_input", False), ("audio_output", False), ("video_input", True), ("video_output", True),
           ("as_input", True), ("as_output", True))  # fmt: skip
PER_MEETING = 20
# Values are generated once for so many minutes; participant and time make them differ.
DRAWN = 20_000


def stream(dice: random.Random, picture: bool) -> str:
    values = (
        f'"bitrate_bps":{dice.randint(20_000, 1_500_000 if picture else 60_000)},"latency_ms":{dice.randint(5, 250)},'
        f'"jitter_ms":{dice.randint(0, 30)},"avg_loss_percent":{dice.randint(0, 300) / 100},'
        f'"max_loss_percent":{dice.randint(0, 900) / 100}'
    )
    if picture:
        fps = dice.randint(500, 3000) / 100
        values += f',"resolution_width_px":1280,"resolution_height_px":720,"frame_rate_fps":{fps}'
    return "{" + values + "}"


def write(path: Path, count: int, together: int, minutes: int) -> None:
    """Writes `count` lines unless the file exists: of `together` participants minute after minute, as many
    `minutes` of each, then of the next. All of them have left."""
    if path.exists():
        return
    dice = random.Random(1)
    drawn = [",".join(f'"{name}":{stream(dice, picture)}' for name, picture in STREAMS) for _ in range(DRAWN)]
    begin = datetime(2026, 9, 21, 13)
    unfinished = path.with_suffix(".new")
    with unfinished.open("w", buffering=1 << 20) as out:
        for line in range(count):
            group, within = divmod(line, together * minutes)
            minute, person = divmod(within, together)
            person += group * together
            meeting = person // PER_MEETING
            time = (begin + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:00Z")
            out.write(
                f'{{"instance_uuid":"run{meeting:020d}==","meeting_id":{90_000_000_000 + meeting},"user_id":"{16_778_240 + person}",'
                f'"join_time":"2026-09-21T13:00:00Z","date_time":"{time}",{drawn[dice.randrange(DRAWN)]}}}\n'
            )
    unfinished.rename(path)


def parts(path: Path, count: int) -> list[Path]:
    """Splits the lines of a file into `count` others, unless they exist: those of a meeting stay together, in order."""
    paths = [path.with_suffix(f".{part}-of-{count}") for part in range(count)]
    if not all(part.exists() for part in paths):
        unfinished = [part.with_suffix(part.suffix + ".new") for part in paths]
        files = [part.open("wb", buffering=1 << 20) for part in unfinished]
        with path.open("rb") as source:
            for line in source:
                meeting = int(line[len('{"instance_uuid":"run') :][:20])
                files[meeting % count].write(line)
        for file, new, part in zip(files, unfinished, paths):
            file.close()
            new.rename(part)
    return paths
