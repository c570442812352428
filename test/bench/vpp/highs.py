"""Solves a coalition case with HiGHS as it comes (Python package highspy), as one mixed-integer model.

Reads {"case": CASE, "gap": 0.02, "seconds": 60, "wholeWatts": false} from standard input and writes JSON as its last line: status, seconds to build and to
solve, what is earned and what no choice betters (in micro-units), the gap, the version, and the size of the model. The model is written
from docs/coalition.md and shares no code with the project's own.
"""

import json
import sys
import time

MILLION = 1_000_000
# What a watt for a quarter hour at a millionth of a micro-unit per kWh comes to, in micro-units.
UNIT = 1 / 4_000_000_000


class Model:
    def __init__(self):
        self.cost, self.lower, self.upper, self.integer = [], [], [], []
        self.row_lower, self.row_upper = [], []
        self.starts, self.index, self.value = [0], [], []

    def variable(self, lower, upper, cost=0.0, integer=False):
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return len(self.cost) - 1

    def row(self, lower, upper, terms):
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        for column, value in terms:
            self.index.append(column)
            self.value.append(value)
        self.starts.append(len(self.index))


def build(case, whole, infinity):
    model = Model()
    steps, quarters = case["steps"], case["stepSlots"]
    requests = case["requests"]
    cover = {}
    count = {}
    group_rows = {}
    groups_of = {}
    for number, group in enumerate(case["groups"]):
        for asset_id in group["assetIds"]:
            groups_of.setdefault(asset_id, []).append(number)
    for asset in case["assets"]:
        on = [[] for _ in range(steps)]
        storage = {"up": [], "down": []}
        for step in range(steps):
            for place, request in enumerate(requests):
                served = option(asset, request, step, case)
                if served is None:
                    continue
                low, high, band = served
                direction = request["direction"]
                price = int(band["keepMicroPerKwh"]) * MILLION + int(request["activationPpm"]) * int(
                    band["costMicroPerKwh"]
                )
                used = model.variable(0, 1, 0.0, True)
                power = model.variable(0, high, -price * quarters * UNIT, whole)
                model.row(0, infinity, [(power, 1), (used, -low)])
                model.row(-infinity, 0, [(power, 1), (used, -high)])
                on[step].append(used)
                cover.setdefault((place, step), []).append((power, int(band["firmPpm"]) / MILLION))
                count.setdefault((place, step), []).append((used, 1))
                for way in ("up", "down"):
                    if direction in (way, "symmetric"):
                        storage[way].append((power, quarters * int(request["holdPpm"]) / MILLION))
                for number in groups_of.get(asset["assetId"], []):
                    limited = case["groups"][number]["direction"]
                    if limited == direction or (direction == "symmetric" and limited in ("up", "down")):
                        group_rows.setdefault((number, step), []).append((power, 1))
        add_runs(model, asset, on, steps, infinity)
        if "storage" in asset:
            for way, limit in (("up", "upWh"), ("down", "downWh")):
                if storage[way]:
                    model.row(-infinity, 4 * int(asset["storage"][limit]), storage[way])
    for (number, step), terms in group_rows.items():
        model.row(-infinity, int(case["groups"][number]["maxWByStep"][step]), terms)
    for place, request in enumerate(requests):
        add_request(model, request, place, quarters, cover, count, infinity)
    return model


def option(asset, request, step, case):
    band = asset.get(request["direction"])
    end = request["firstStep"] + request["sliceSteps"] * request["slices"]
    if band is None or not request["firstStep"] <= step < end:
        return None
    if asset["activationSeconds"] > request["activationSecondsMax"]:
        return None
    if "requestIds" in asset and request["requestId"] not in asset["requestIds"]:
        return None
    high = int(band["maxW"])
    if "maxWByStep" in band:
        high = min(high, int(band["maxWByStep"][step]))
    low = max(int(band["minW"]), 1)
    return None if low > high else (low, high, band)


def add_runs(model, asset, on, steps, infinity):
    start_cost = int(asset["startCostMicro"])
    longest, rest = asset["runStepsMax"], asset["restSteps"]
    for step in range(steps):
        if len(on[step]) > 1:
            model.row(-infinity, 1, [(used, 1) for used in on[step]])
        before = on[step - 1] if step > 0 else []
        if start_cost > 0 and on[step]:
            start = model.variable(0, 1, -float(start_cost))
            model.row(0, infinity, [(start, 1)] + [(used, -1) for used in on[step]] + [(used, 1) for used in before])
        if step + longest < steps:
            window = [(used, 1) for at in range(step, step + longest + 1) for used in on[at]]
            if window:
                model.row(-infinity, longest, window)
        for later in range(1, rest):
            if before and step + later < steps and on[step + later]:
                terms = [(used, 1) for used in before] + [(used, -1) for used in on[step]]
                model.row(-infinity, 1, terms + [(used, 1) for used in on[step + later]])


def add_request(model, request, place, quarters, cover, count, infinity):
    size = int(request["stepW"])
    least = max(-(-int(request["minW"]) // size), 1)
    most = int(request["maxW"]) // size
    if least > most:
        return
    price = int(request["capacityPriceMicroPerKwh"]) * MILLION + int(request["activationPpm"]) * int(
        request["energyPriceMicroPerKwh"]
    )
    need = size * (1 + int(request["marginPpm"]) / MILLION)
    for number in range(request["slices"]):
        served = model.variable(0, 1, 0.0, True)
        parts = model.variable(0, most, size * price * quarters * request["sliceSteps"] * UNIT, True)
        model.row(0, infinity, [(parts, 1), (served, -least)])
        model.row(-infinity, 0, [(parts, 1), (served, -most)])
        first = request["firstStep"] + number * request["sliceSteps"]
        for step in range(first, first + request["sliceSteps"]):
            model.row(0, infinity, cover.get((place, step), []) + [(parts, -need)])
            if request["assetsMin"] > 1:
                model.row(0, infinity, count.get((place, step), []) + [(served, -request["assetsMin"])])


def solve(task):
    import highspy
    import numpy

    highs = highspy.Highs()
    infinity = highspy.kHighsInf
    begin = time.perf_counter()
    model = build(task["case"], task["wholeWatts"], infinity)
    lp = highspy.HighsLp()
    lp.num_col_ = len(model.cost)
    lp.num_row_ = len(model.row_lower)
    lp.col_cost_ = numpy.array(model.cost)
    lp.col_lower_ = numpy.array(model.lower, dtype=float)
    lp.col_upper_ = numpy.array(model.upper, dtype=float)
    lp.row_lower_ = numpy.array(model.row_lower, dtype=float)
    lp.row_upper_ = numpy.array(model.row_upper, dtype=float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = numpy.array(model.starts)
    lp.a_matrix_.index_ = numpy.array(model.index)
    lp.a_matrix_.value_ = numpy.array(model.value, dtype=float)
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(flag)] for flag in model.integer]
    lp.sense_ = highspy.ObjSense.kMaximize
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", task["gap"])
    highs.setOptionValue("time_limit", float(task["seconds"]))
    highs.passModel(lp)
    built = time.perf_counter()
    highs.run()
    solved = time.perf_counter()
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    objective = info.objective_function_value if found else 0.0
    # JSON has no infinity: a bound that was not found is left out.
    bound = info.mip_dual_bound if info.mip_dual_bound < infinity else None
    return {
        "version": highs.version(),
        "status": highs.modelStatusToString(highs.getModelStatus()),
        "buildSeconds": built - begin,
        "solveSeconds": solved - built,
        "earnedMicro": objective,
        "boundMicro": bound,
        "gapPercent": None if bound is None else 100 * max(bound - objective, 0.0) / max(objective, 1e-3),
        "columns": lp.num_col_,
        "integers": sum(model.integer),
        "rows": lp.num_row_,
    }


def main():
    task = json.load(sys.stdin)
    try:
        result = solve(task)
    except ImportError as error:
        result = {"absent": f"{type(error).__name__}: {error}"}
    # The solver greets on the same stream.
    print("\n" + json.dumps(result))


if __name__ == "__main__":
    main()
