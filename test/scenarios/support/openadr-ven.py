"""A VEN made with the package openadr3: logs in at the VTN whose address it is given, and does what the standard input says.

Reads {"base", "id", "secret", "steps"} where a step is "programs", "events" or a report to send. Writes the answers as JSON: status, headers, body.
"""

import json
import sys

import httpx
import openadr3

# A busy machine answers later than the package waits; a report that is sent again is one report.
TRIES = 60


def patiently(request, *arguments):
    for _ in range(TRIES - 1):
        try:
            return request(*arguments)
        except httpx.TimeoutException:
            pass
    return request(*arguments)


def main():
    given = json.load(sys.stdin)
    base = given["base"]
    scopes = list(openadr3.VEN_SCOPES)
    token = patiently(lambda: openadr3.fetch_token(base, given["id"], given["secret"], scopes=scopes))
    answers = []
    with openadr3.create_ven_client(base, token) as client:
        reads = {"programs": client.get_programs, "events": client.get_events}
        for step in given["steps"]:
            response = patiently(reads[step]) if isinstance(step, str) else patiently(client.create_report, step)
            answers.append(
                {
                    "status": response.status_code,
                    "headers": {name.lower(): value for name, value in response.headers.items()},
                    "body": openadr3.body(response),
                }
            )
    json.dump(answers, sys.stdout)


main()
