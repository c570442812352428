"""A VEN, and the business logic of an aggregator, made with the package openadr3, which nobody here wrote: talks to the VTN whose address it is given.

Reads {"base", "ven": {"id", "secret"}, "business": {"id", "secret"}, "specification"} from the standard input, where `specification` is the path of
OpenADR's own OpenAPI description or null. Writes what it has seen as JSON. Every object is read by the package's strict models of the wire, and checked
against the description where that is given.
"""

import json
import sys

import httpx
import openadr3
from openadr3.entities import raw

MODELS = {
    "program": raw.RawProgram,
    "event": raw.RawEvent,
    "ven": raw.RawVen,
    "resource": raw.RawResource,
    "report": raw.RawReport,
}
faults = []
validators = {}


def load_validators(path):
    """One validator per object of the description."""
    if path is None:
        return
    import yaml
    from openapi_schema_validator import OAS30Validator

    with open(path, encoding="utf-8") as file:
        components = yaml.safe_load(file)["components"]
    # Its values are not the names of the schemas, and the description has no mapping between them.
    del components["schemas"]["programRequest"]["properties"]["payloadDescriptors"]["items"]["discriminator"]
    for name in [*MODELS, "problem", "clientCredentialResponse", "authServerInfo"]:
        schema = {"components": components, "allOf": [{"$ref": f"#/components/schemas/{name}"}]}
        validators[name] = OAS30Validator(schema, format_checker=OAS30Validator.FORMAT_CHECKER)


def check(name, value):
    """Notes where an object is not what the package or the description expects."""
    try:
        if name in MODELS:
            MODELS[name].model_validate(value)
    except ValueError as error:
        faults.append(f"{name}: {error}")
    for error in validators[name].iter_errors(value) if name in validators else []:
        # The description wants two object types at once for these two, which no object can have.
        if not (name in ("ven", "resource") and list(error.path) == ["objectType"]):
            faults.append(f"{name} {'/'.join(map(str, error.path))}: {error.message}")
    return value


def listed(name, response):
    """The objects of a list, each checked."""
    return [check(name, value) for value in openadr3.body(response)]


def report(event_id, payloads):
    interval = {"id": 0, "payloads": payloads}
    resources = [{"resourceName": "boiler", "intervals": [interval]}]
    return {"objectType": "REPORT", "eventID": event_id, "clientName": "home-1", "resources": resources}


def check_authorisation(base, client):
    """What the package itself only reads one member of."""
    server = check("authServerInfo", httpx.get(f"{base}/auth/server").json())
    form = {"grant_type": "client_credentials", "client_id": client["id"], "client_secret": client["secret"]}
    check("clientCredentialResponse", httpx.post(server["tokenURL"], data=form).json())
    check("problem", httpx.post(server["tokenURL"], data={**form, "client_secret": "wrong"}).json())


def run_ven(base, token):
    with openadr3.create_ven_client(base, token) as client:
        programs = listed("program", client.get_programs())
        events = listed("event", client.get_events(programID=programs[0]["id"], limit=50, skip=0))
        targeted = listed("event", client.get_events(targets=events[0]["targets"]))
        event = client.event(events[0]["id"])
        intervals = [
            {
                "start": interval.interval_period.period[0].to_iso8601_string(),
                "end": interval.interval_period.period[1].to_iso8601_string(),
                "payloads": [[payload.type, list(payload.values)] for payload in interval.payloads],
            }
            for interval in event.resolved_intervals()
        ]
        ven = client.find_ven_by_name("home-1")
        listed("ven", client.get_vens())
        resources = listed("resource", client.get_resources(venID=ven.id))
        opted_out = client.create_report(
            report(event.id, [{"type": "OPERATING_STATE", "values": ["RUNNING_OPTED_OUT"]}])
        )
        usage = report(
            event.id,
            [{"type": "USAGE", "values": [0.25]}, {"type": "DATA_QUALITY", "values": ["OK"]}],
        )
        delivered = client.create_report(usage)
        again = client.create_report(usage)
        check("report", openadr3.body(opted_out))
        check("report", openadr3.body(delivered))
        refused = client.create_report(report("nothing", []))
        check("problem", openadr3.body(refused))
        missing = client.get_event_by_id("nothing")
        check("problem", openadr3.body(missing))
        created = client.create_ven({"objectType": "VEN_VEN_REQUEST", "venName": "home-9"})
        check("problem", openadr3.body(created))
        return {
            "programs": [program["programName"] for program in programs],
            "events": len(events),
            "targeted": len(targeted),
            "intervals": intervals,
            "ven": ven.ven_name,
            "resources": len(resources),
            "reports": [opted_out.status_code, delivered.status_code, again.status_code],
            "sameReport": openadr3.body(delivered)["id"] == openadr3.body(again)["id"],
            "refused": [refused.status_code, missing.status_code, created.status_code],
            "usage": str(client.report(openadr3.body(delivered)["id"]).resources[0].intervals[0].payloads[0].values[0]),
        }


def run_business(base, token):
    with openadr3.create_bl_client(base, token) as client:
        reports = listed("report", client.get_reports())
        written = client.create_event({"objectType": "EVENT", "programID": "x", "intervals": []})
        check("problem", openadr3.body(written))
        return {
            "programs": len(listed("program", client.get_programs())),
            "events": len(listed("event", client.get_events())),
            "reports": len(reports),
            "written": written.status_code,
        }


def main():
    given = json.load(sys.stdin)
    load_validators(given["specification"])
    base = given["base"]
    check_authorisation(base, given["ven"])
    tokens = {
        who: openadr3.fetch_token(base, given[who]["id"], given[who]["secret"], scopes=scopes)
        for who, scopes in (("ven", list(openadr3.VEN_SCOPES)), ("business", list(openadr3.BL_SCOPES)))
    }
    seen = {"ven": run_ven(base, tokens["ven"]), "business": run_business(base, tokens["business"])}
    json.dump({**seen, "validated": sorted(validators), "faults": faults}, sys.stdout)


main()
