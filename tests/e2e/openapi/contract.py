# Copyright 2026 the w3pin authors
# SPDX-License-Identifier: Apache-2.0
"""The document as a judge of real answers: foreign validators do the judging, this finds what they have to look at.

Run by the Python that `install` prints."""
import copy
import json
import re

import openapi_schema_validator
from openapi_schema_validator import OAS30Validator

FORMATS = copy.deepcopy(openapi_schema_validator.oas30_format_checker)


@FORMATS.checks("cid")
def is_cid(text):
    return not isinstance(text, str) or re.fullmatch(r"Qm[1-9A-HJ-NP-Za-km-z]{44}|[bBfFkKzum][A-Za-z0-9+/_-]{20,191}", text) is not None


def closed(node):
    """A copy in which no object may have keys that its schema does not name: an answer with more is not described."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: closed(value) for key, value in node.items()}
    if out.get("type") == "object" and isinstance(out.get("properties"), dict):
        out.setdefault("additionalProperties", False)
    return out


def resolve(doc, node):
    while isinstance(node, dict) and "$ref" in node:
        target = doc
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def breaches(doc, schema, value):
    """What is wrong with the value, as sentences."""
    root = {"allOf": [schema], "components": doc["components"]}
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in OAS30Validator(root, format_checker=FORMATS).iter_errors(value)]


class Contract:
    """Takes answers, keeps what is wrong with them and which (operation, status) were seen."""

    def __init__(self, doc, frozen=None):
        self.doc, self.strict, self.frozen = doc, dict(doc, components=closed(doc["components"])), frozen
        self.seen, self.info_keys, self.checked = set(), set(), 0
        self.operations = {(method.upper(), path): op for path, item in doc["paths"].items() for method, op in item.items()}

    def template(self, path):
        path = path.split("?")[0].rstrip("/")
        for known in self.doc["paths"]:
            if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", known), path):
                return known
        return None

    def judge(self, method, path, answer):
        """Breaches of one answer, as sentences. Notes what it was."""
        self.checked += 1
        known = self.template(path)
        if known is None:
            return self._outside(answer, 404)
        if (method, known) not in self.operations:
            allowed = {m for m, p in self.operations if p == known}
            allowed |= {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())
            told = {m.strip() for m in answer.headers.get("Allow", "").split(",")}
            return self._outside(answer, 405) + ([] if told == allowed else [f"Allow is {told}, not {allowed}"])
        responses = self.operations[method, known]["responses"]
        key = str(answer.status) if str(answer.status) in responses else f"{answer.status // 100}XX"
        if key not in responses:
            return [f"{answer.status} is not a status of this operation"]
        self.seen.add((method, known, key))
        response = resolve(self.doc, responses[key])
        wrong = ["this status is said to be unused"] if response.get("x-unused") else []
        wrong += self._headers(response, answer) + self._body(self.strict, response, answer)
        if not wrong and "x-reasons" in response and answer.json["error"]["reason"] not in response["x-reasons"]:
            wrong.append(f"the reason {answer.json['error']['reason']} is not one of {response['x-reasons']}")
        if known.startswith("/psa") and self.frozen:
            theirs = self.frozen["paths"][known.removeprefix("/psa")][method.lower()]["responses"]
            response = theirs.get(str(answer.status), theirs.get(f"{answer.status // 100}XX"))
            wrong += [f"frozen specification: {w}" for w in self._body(self.frozen, resolve(self.frozen, response), answer)]
        return wrong

    def _outside(self, answer, status):
        """Beside all operations: the shape of every error."""
        wrong = [] if answer.status == status else [f"{answer.status}, not {status}"]
        return wrong + self._body(self.strict, {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}, answer)

    def _headers(self, response, answer):
        wrong = []
        for name, header in response.get("headers", {}).items():
            header = resolve(self.doc, header)
            value = answer.headers.get(name)
            if value is None:
                if header.get("required"):
                    wrong.append(f"no header {name}")
                continue
            if header["schema"]["type"] == "integer" and re.fullmatch(r"-?\d+", value):
                value = int(value)
            wrong += [f"header {name}: {w}" for w in breaches(self.doc, header["schema"], value)]
        return wrong

    def _body(self, doc, response, answer):
        if "content" not in response:
            return [f"a body where none is described: {answer.body[:100]}"] if answer.body else []
        if not re.match(r"application/json\b", answer.headers.get("Content-Type", "")):
            return [f"the type is {answer.headers.get('Content-Type')}"]
        try:
            value = json.loads(answer.body)
        except ValueError:
            return [f"the body is no JSON: {answer.body[:100]}"]
        for pin in value.get("results", [value]) if isinstance(value, dict) else []:
            self.info_keys |= set(pin.get("info", {})) if isinstance(pin, dict) else set()
        return breaches(doc, response["content"]["application/json"]["schema"], value)

    def never_seen(self):
        """What the document promises by its own status and no answer has shown."""
        promised = {(method, path, key) for (method, path), op in self.operations.items()
                    for key, response in op["responses"].items()
                    if key.isdigit() and not resolve(self.doc, response).get("x-unused")}
        return sorted(promised - self.seen)


BOUNDS = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems"), "integer": ("minimum", "maximum"),
          "object": ("minProperties", "maxProperties")}  # for other types they say nothing


def subset(narrow_doc, narrow, wide_doc, wide, at=""):
    """Reasons why a value that fits the narrow schema might not fit the wide one, by the keywords that both documents use."""
    narrow, wide = resolve(narrow_doc, narrow), resolve(wide_doc, wide)
    if narrow.get("type") != wide.get("type"):
        return [f"{at}: type {narrow.get('type')} and {wide.get('type')}"]
    wrong = []
    if "enum" in wide and not set(narrow.get("enum", ["anything"])) <= set(wide["enum"]):
        wrong.append(f"{at}: enum")
    for key in BOUNDS.get(wide.get("type"), ()):
        if key.startswith("max") and key in wide and narrow.get(key, float("inf")) > wide[key]:
            wrong.append(f"{at}: {key}")
        if key.startswith("min") and wide.get(key, 0) > narrow.get(key, 0):
            wrong.append(f"{at}: {key}")
    for key in ("pattern", "format"):
        if key in wide and narrow.get(key) != wide[key]:
            wrong.append(f"{at}: {key}")
    if wide.get("uniqueItems") and not narrow.get("uniqueItems"):
        wrong.append(f"{at}: uniqueItems")
    if narrow.get("nullable") and not wide.get("nullable"):
        wrong.append(f"{at}: nullable")
    wrong += [f"{at}: {name} need not be there" for name in sorted(set(wide.get("required", [])) - set(narrow.get("required", [])))]
    if "items" in wide:
        wrong += subset(narrow_doc, narrow.get("items", {}), wide_doc, wide["items"], at + "[]")
    mine, theirs = narrow.get("properties", {}), wide.get("properties", {})
    for name in sorted(set(mine) | set(theirs)):
        left, right = mine.get(name, narrow.get("additionalProperties", {})), theirs.get(name, wide.get("additionalProperties", {}))
        if right is False:
            wrong.append(f"{at}.{name}: not permitted")
        elif isinstance(left, dict) and isinstance(right, dict) and (name in theirs or right):
            wrong += subset(narrow_doc, left, wide_doc, right, f"{at}.{name}")
    return wrong
