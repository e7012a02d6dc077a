#!/usr/bin/env python3
# Reads JSON that is built like the sample
# Reads standard input.

import json
import sys



def fail(message):
    print(message, file=sys.stderr)
    sys.exit(1)


def show(place, value):
    """Prints a value on one line; nothing where there is none."""
    if isinstance(value, bool):
        print(f"{place}: {'true' if value else 'false'}")
    elif isinstance(value, float):
        print(f"{place}: {value:.15g}")
    elif isinstance(value, (int, str)):
        text = str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        print(f"{place}: {text}")


sys.stdout.reconfigure(encoding="utf-8", newline="\n")
answer = json.load(sys.stdin)
id_value: int | None = answer.get("id")
show("id", id_value)
field_2nd_name: str | None = answer.get("2nd-name")
show("2nd-name", field_2nd_name)
class_value: bool | None = answer.get("class")
show("class", class_value)
mean: float | None = answer.get("mean")
show("mean", mean)
tags = answer.get("tags")
if isinstance(tags, list):
    for tag_index, tag in enumerate(tags):
        show("tags[" + str(tag_index) + "]", tag)
grid = answer.get("grid")
if isinstance(grid, list):
    for grid_item_index, grid_item in enumerate(grid):
        inner = grid_item
        if isinstance(inner, list):
            for inner_item_index, inner_item in enumerate(inner):
                show("grid[" + str(grid_item_index) + "][" + str(inner_item_index) + "]", inner_item)
owner = answer.get("owner")
if isinstance(owner, dict):
    owner_id: str | None = owner.get("id")
    show("owner.id", owner_id)
    pass  # class: the description does not say what it holds
rows = answer.get("rows")
if isinstance(rows, list):
    for row_index, row in enumerate(rows):
        row_id: int | None = row.get("id")
        show("rows[" + str(row_index) + "].id", row_id)
        note: str | None = row.get("note")
        show("rows[" + str(row_index) + "].note", note)
user_name: str | None = answer.get("userName")
show("userName", user_name)
user_name_value: str | None = answer.get("user_name")
show("user_name", user_name_value)
