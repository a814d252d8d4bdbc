# SPDX-License-Identifier: GPL-2.0-or-later
# Which files fit a JSON Schema, one a line: "FILE: fits", "FILE: does not fit" and where, or
# "FILE: not YAML". usage: schema_check.py SCHEMA FILE ...
import json
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML as editors read it, by the core schema of 1.2: no dates, no yes, no octal 010."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(f"^(?:{pattern})$"), first)
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def as_json(value):
    """Keys of JSON are text, so those of YAML that look like numbers are too."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value


with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    try:
        with open(path, encoding="utf-8") as file:
            document = as_json(yaml.load(file, Loader))
    except (yaml.YAMLError, UnicodeDecodeError):
        print(f"{path}: not YAML")
        continue
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    if error:
        print(f"{path}: does not fit: {error.json_path}: {' '.join(error.message.split())[:200]}")
    else:
        print(f"{path}: fits")
