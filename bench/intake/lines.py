"""Writes lines of participants' minutes, six streams each: lines.py COUNT PARTICIPANTS FILE"""

import random
import sys
from datetime import datetime, timedelta

STREAMS = (("audio_input", False), ("audio_output", False), ("video_input", True), ("video_output", True),
           ("as_input", True), ("as_output", True))  # fmt: skip
PER_MEETING = 20
# Values are drawn once for so many minutes, and told apart by who and when.
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


def main(count: int, participants: int, path: str) -> None:
    dice = random.Random(1)
    drawn = [",".join(f'"{name}":{stream(dice, picture)}' for name, picture in STREAMS) for _ in range(DRAWN)]
    begin = datetime(2026, 9, 21, 13)
    with open(path, "w", buffering=1 << 20) as out:
        for line in range(count):
            minute, person = divmod(line, participants)
            meeting = person // PER_MEETING
            time = (begin + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:00Z")
            out.write(
                f'{{"instance_uuid":"run{meeting:020d}==","meeting_id":{90_000_000_000 + meeting},"user_id":"{16_778_240 + person}",'
                f'"join_time":"2026-09-21T13:00:00Z","date_time":"{time}",{drawn[dice.randrange(DRAWN)]}}}\n'
            )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
