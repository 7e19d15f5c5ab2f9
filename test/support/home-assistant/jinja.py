"""Renders templates as Home Assistant does: a list of jobs a line in, a list of what they gave a line out.

In: {"template", "value", "as": "state" | "command", "variables"}. Out: {"text", "fault", "undefined"}.
"""

import ast
import json
import math
import sys
from functools import lru_cache

import jinja2
import jinja2.filters
from jinja2.sandbox import ImmutableSandboxedEnvironment

UNDEFINED = []
MISSING = object()


class LoggingUndefined(jinja2.Undefined):
    """What is not there is empty, and Home Assistant writes a warning for each use."""

    def _log(self):
        UNDEFINED.append(self._undefined_message)

    def __str__(self):
        self._log()
        return super().__str__()

    def __iter__(self):
        self._log()
        return super().__iter__()

    def __bool__(self):
        self._log()
        return super().__bool__()


def no_default(name, value):
    raise ValueError(f"{name} got invalid input '{value}' but no default was specified")


def rounded(value, precision=0, method="common", default=MISSING):
    try:
        factor = float(10**precision)
        if method == "ceil":
            value = math.ceil(float(value) * factor) / factor
        elif method == "floor":
            value = math.floor(float(value) * factor) / factor
        elif method == "half":
            value = round(float(value) * 2) / 2
        else:
            value = round(float(value), precision)
        return int(value) if precision == 0 else value
    except (ValueError, TypeError):
        return no_default("round", value) if default is MISSING else default


def to_int(value, default=MISSING, base=10):
    result = jinja2.filters.do_int(value, default=default, base=base)
    return no_default("int", value) if result is MISSING else result


def to_float(value, default=MISSING):
    try:
        return float(value)
    except (ValueError, TypeError):
        return no_default("float", value) if default is MISSING else default


@lru_cache(maxsize=64)
def strict_json(text):
    """JSON without the constants that only Python knows."""

    def refuse(constant):
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def to_json(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def iif(value, if_true=True, if_false=False, if_none=MISSING):
    if value is None and if_none is not MISSING:
        return if_none
    return if_true if bool(value) else if_false


ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=LoggingUndefined)
ENVIRONMENT.add_extension("jinja2.ext.loopcontrols")
ENVIRONMENT.add_extension("jinja2.ext.do")
ENVIRONMENT.filters.update(
    {
        "float": to_float,
        "from_json": strict_json,
        "iif": iif,
        "int": to_int,
        "is_defined": lambda value: value,
        "round": rounded,
        "to_json": to_json,
    }
)
ENVIRONMENT.globals.update({"float": to_float, "iif": iif, "int": to_int})
COMPILED = {}


def compiled(template):
    if template not in COMPILED:
        COMPILED[template] = ENVIRONMENT.from_string(template.strip())
    return COMPILED[template]


def variables_of(job):
    variables = {"value": job["value"], **job.get("variables", {})}
    # A service's volume level is a fraction, also when it is a whole one.
    if "volume_level" in variables:
        variables["volume_level"] = float(variables["volume_level"])
    if job["as"] == "state":
        try:
            variables["value_json"] = strict_json(job["value"])
        except ValueError:
            pass
    return variables


def sent(text):
    """A command that looks like Python's bytes is sent as these bytes."""
    try:
        literal = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError):
        return text
    return literal.decode("utf-8", "replace") if isinstance(literal, bytes) else text


def render(job):
    UNDEFINED.clear()
    try:
        template = compiled(job["template"])
    except jinja2.TemplateError as error:
        return {"text": None, "fault": f"does not compile: {error}", "undefined": []}
    try:
        text = template.render(variables_of(job)).strip()
    except (jinja2.TemplateError, TypeError, ValueError, ZeroDivisionError) as error:
        return {"text": None, "fault": f"{type(error).__name__}: {error}", "undefined": list(UNDEFINED)}
    return {
        "text": sent(text) if job["as"] == "command" else text,
        "fault": None,
        "undefined": list(UNDEFINED),
    }


def main():
    for line in sys.stdin:
        sys.stdout.write(json.dumps([render(job) for job in json.loads(line)]) + "\n")
        sys.stdout.flush()


main()
