"""The medians of turns: `medians.py FILE COLUMN...`, where a line of the file is a name and a speed
for each column. With --ratio, of two names, the second's share of the first too.
"""

import statistics
import sys

arguments = [argument for argument in sys.argv[1:] if argument != "--ratio"]
path, columns = arguments[0], arguments[1:]
rows = {}
with open(path) as file:
    for line in file:
        name, *speeds = line.split()
        if len(speeds) != len(columns):
            sys.exit(f"{len(speeds)} speeds for {len(columns)} columns: {line.strip()}")
        rows.setdefault(name, []).append([float(speed) for speed in speeds])
medians = {name: [statistics.median(of) for of in zip(*turns)] for name, turns in rows.items()}
if "--ratio" in sys.argv:
    first, second = medians.values()
    medians["ratio"] = [now / then for now, then in zip(second, first)]
print(f"\n{'medians, tokens/s':<20}" + "".join(f" {column:>10}" for column in columns))
for name, speeds in medians.items():
    print(f"{name:<20}" + "".join(f" {speed:10.2f}" for speed in speeds))
