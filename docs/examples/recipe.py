"""Prepares rows by a recipe that `perennial export PIPELINE --format recipe --to model.recipe.json` wrote.

    python recipe.py model.recipe.json              prepares the rows it carries and compares
    python recipe.py model.recipe.json rows.ndjson  prepares these: one JSON list of numbers a line

As a module: `prepare(recipe, instance)` gives the dense columns, then codes as numbers, which is what exported learners
read. Needs Python 3.11 and nothing else. Texts (`join`, `tfidf`) are not prepared here.
"""

import datetime
import json
import math
import sys

NAN = math.nan
DAY = 86_400_000
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def read_number(value):
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else NAN


def read_timestamp(value):
    """Milliseconds since 1970; a time without an offset is UTC."""
    if not isinstance(value, str):
        return read_number(value)
    try:
        time = datetime.datetime.fromisoformat(value)
    except ValueError:
        return NAN
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    return float((time - EPOCH) // datetime.timedelta(milliseconds=1))


def read_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None else str(value)


READERS = {"number": read_number, "timestamp": read_timestamp, "category": read_text, "text": read_text}


def missing(value):
    return value is None or (isinstance(value, float) and math.isnan(value))


def known(value):
    return NAN if value is None else float(value)


def finite(value):
    return value if math.isfinite(value) else NAN


def compare(left, right, test):
    return NAN if missing(left) or missing(right) else float(test(left, right))


def date_part(milliseconds, part):
    if math.isnan(milliseconds):
        return NAN
    time = EPOCH + datetime.timedelta(milliseconds=milliseconds)
    return float(
        {
            "year": time.year,
            "quarter": (time.month + 2) // 3,
            "month": time.month,
            "day": time.day,
            "weekday": time.weekday(),
            "hour": time.hour,
            "isWeekend": time.weekday() >= 5,
        }[part]
    )


def look_up(recipe, step, columns):
    declared = next(lookup for lookup in recipe["lookups"] if lookup["name"] == step["lookup"])
    table = next(table for table in recipe["tables"] if table["name"] == step["lookup"])
    key = columns[declared["key"]]
    if key in table["keys"]:
        return known(table["values"][step["value"]][table["keys"].index(key)])
    return known(declared["values"][step["value"]])


def feature(recipe, step, columns):
    """The value of one declared feature, from the inputs and the features before it."""

    def of(role):
        return columns[step[role]]

    match step["step"]:
        case "take":
            return of("column")
        case "daysBetween":
            return (of("to") - of("from")) / DAY
        case "difference":
            return finite(of("left") - of("right"))
        case "ratio":
            return finite(of("numerator") / of("denominator")) if of("denominator") else NAN
        case "sum":
            total = columns[step["columns"][0]]
            for name in step["columns"][1:]:
                total = finite(total + columns[name])
            return total
        case "isAfter":
            return compare(of("left"), of("right"), lambda left, right: left > right)
        case "isEqual":
            return compare(of("left"), of("right"), lambda left, right: left == right)
        case "isMissing":
            return float(missing(of("column")))
        case "datePart":
            return date_part(of("column"), step["part"])
        case "bucket":
            value = of("column")
            return value if missing(value) else float(sum(value >= edge for edge in step["edges"]))
        case "cross":
            left, right = of("left"), of("right")
            return None if left is None or right is None else f"{left} × {right}"
        case "lookup":
            return look_up(recipe, step, columns)
    raise ValueError(f"no feature is called {step['step']}")


def level_value(fitted, level, absent, unseen):
    if level is None:
        return known(absent)
    if level in fitted["levels"]:
        return known(fitted["values"][fitted["levels"].index(level)])
    return known(unseen)


def encode(step, columns, codes):
    """Applies one step of what was learned; `columns` and `codes` change in place."""
    match step["step"]:
        case "drop":
            for name in step["columns"]:
                del columns[name]
        case "aggregate":
            columns[step["as"]] = level_value(step, columns[step["by"]], step["other"], step["other"])
        case "clip":
            for fitted in step["columns"]:
                value = columns[fitted["name"]]
                if not missing(value):
                    columns[fitted["name"]] = min(max(value, fitted["low"]), fitted["high"])
        case "impute":
            for fitted in step["columns"]:
                name = fitted["name"]
                is_missing = missing(columns[name])
                if step["indicator"]:
                    columns[f"{name}_missing"] = float(is_missing)
                if is_missing:
                    columns[name] = fitted["value"]
        case "log1p":
            for name in step["columns"]:
                columns[name] = math.log1p(columns[name]) if columns[name] > -1 else NAN
        case "scale":
            for fitted in step["columns"]:
                columns[fitted["name"]] = (columns[fitted["name"]] - fitted["centre"]) / fitted["width"]
        case "oneHot":
            for fitted in step["columns"]:
                level = columns.pop(fitted["name"])
                slot = level if level is None or level in fitted["levels"] else "other"
                for name in [*fitted["levels"], "other"]:
                    columns[f"{fitted['name']}={name}"] = float(name == slot)
        case "codes":
            for fitted in step["columns"]:
                level = columns.pop(fitted["name"])
                codes[fitted["name"]] = fitted["levels"].index(level) if level in fitted["levels"] else -1
        case "targetEncode":
            count = step.get("permutations", 1)
            for fitted in step["columns"]:
                level = columns.pop(fitted["name"])
                for i in range(count):
                    name = f"{fitted['name']}_target" + (f"_{i + 1}" if count > 1 else "")
                    columns[name] = level_value(fitted, level, fitted["missing"], fitted["unseen"])
        case _:
            raise ValueError(f"{step['step']} is not prepared here")


def prepare(recipe, instance):
    """The numbers that a learner reads: dense columns, then codes; NaN is missing."""
    columns = {column["name"]: READERS[column["kind"]](instance.get(column["name"])) for column in recipe["inputs"]}
    for step in recipe["features"]:
        columns[step.get("as", step.get("column"))] = feature(recipe, step, columns)
    columns = {name: columns[name] for name in (step.get("as", step.get("column")) for step in recipe["features"])}
    codes = {}
    for step in recipe["steps"]:
        encode(step, columns, codes)
    outputs = recipe["outputs"]
    dense = [float(columns[name]) for name in outputs["dense"]]
    return dense + [float(codes[column["name"]]) if codes[column["name"]] >= 0 else NAN for column in outputs["codes"]]


def difference(ours, theirs):
    if math.isnan(ours) or math.isnan(theirs):
        return 0.0 if math.isnan(ours) == math.isnan(theirs) else math.inf
    return abs(ours - theirs)


def check(recipe):
    """The largest difference between the rows that the recipe carries as the service and as this program prepare them."""
    differences = [0.0]
    for row in recipe["rows"]:
        codes = [NAN if code < 0 else code for code in row["codes"]]
        stored = [known(value) for value in row["dense"]] + codes
        differences += map(difference, prepare(recipe, row["instance"]), stored)
    return max(differences)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        fitted_recipe = json.load(file)
    if len(sys.argv) == 2:
        print(f"{len(fitted_recipe['rows'])} rows, largest difference {check(fitted_recipe)}")
    else:
        with open(sys.argv[2], encoding="utf-8") as lines:
            for line in lines:
                numbers = prepare(fitted_recipe, json.loads(line))
                print(json.dumps([None if math.isnan(value) else value for value in numbers]))
