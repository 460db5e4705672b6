#!/usr/bin/env python3
"""Checks every crate's SPDX expression against the allowed licences of deny.toml.

Usage: cargo metadata --format-version 1 | scripts/check_licences.py deny.toml

An expression passes when at least one of its OR alternatives consists of allowed licences only.
"""
import json
import re
import sys
import tomllib


def allowed_expression(expression: str, allowed: set[str]) -> bool:
    """Whether one of the alternatives of an SPDX expression needs allowed licences only."""
    tokens = re.findall(r"[()]|[A-Za-z0-9.+-]+", expression.replace("/", " OR "))
    # Each licence becomes True or False; the expression is then plain boolean logic.
    words = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token in "()":
            words.append(token)
        elif token in ("AND", "OR"):
            words.append(token.lower())
        elif token == "WITH":
            words[-1] = str(f"{tokens[i - 1]} WITH {tokens[i + 1]}" in allowed)
            i += 1
        else:
            words.append(str(token in allowed))
        i += 1
    return evaluate(words)


def evaluate(words: list[str]) -> bool:
    """Evaluates a list of True, False, and, or, ( and ) by recursive descent."""
    def disjunction() -> bool:
        value = conjunction()
        while words and words[0] == "or":
            words.pop(0)
            value = conjunction() or value
        return value

    def conjunction() -> bool:
        value = atom()
        while words and words[0] == "and":
            words.pop(0)
            value = atom() and value
        return value

    def atom() -> bool:
        word = words.pop(0)
        if word == "(":
            value = disjunction()
            words.pop(0)
            return value
        return word == "True"

    return disjunction()


def main() -> int:
    with open(sys.argv[1], "rb") as file:
        allowed = set(tomllib.load(file)["licenses"]["allow"])
    packages = json.load(sys.stdin)["packages"]
    bad = [
        f"{p['name']} {p['version']}: {p['license']}"
        for p in packages
        if p["source"] and not allowed_expression(p["license"] or "", allowed)
    ]
    for line in bad:
        print(f"licence not allowed: {line}", file=sys.stderr)
    print(f"{len(packages)} crates, {len(bad)} with a licence that is not allowed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
