"""Clears the same orders with other people's programs, where they are installed.

Reads {"rounds": n, "orders": [{"id", "side", "energyWh", "priceMicroPerKwh"}]} from standard input and writes one line of
JSON: for each program, the seconds of each round and the energy that it trades. gsy-framework (Grid Singularity, GPL-3) and
pymarket (MIT) are run as they are; neither is part of this project.
"""

import json
import logging
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def timed(rounds, prepare, clear):
    seconds = []
    traded = 0.0
    for _ in range(rounds):
        market = prepare()
        start = time.perf_counter()
        traded = clear(market)
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "tradedWh": round(traded)}


def gsy(name, orders, rounds):
    from gsy_framework import matching_algorithms

    algorithm = getattr(matching_algorithms, name)

    def prepare():
        def entry(order, who):
            return {
                "id": order["id"],
                "energy": order["energyWh"] / 1000,
                "energy_rate": order["priceMicroPerKwh"] / 1_000_000,
                who: {"name": order["id"], "uuid": order["id"]},
            }

        bids = [entry(order, "buyer") for order in orders if order["side"] == "buy"]
        offers = [entry(order, "seller") for order in orders if order["side"] == "sell"]
        return {"market": {"slot": {"bids": bids, "offers": offers, "current_time": "now"}}}

    def clear(data):
        instance = algorithm() if name.endswith("ClearMatchingAlgorithm") else algorithm
        matches = instance.get_matches_recommendations(data)
        return sum(match["selected_energy"] for match in matches) * 1000

    return timed(rounds, prepare, clear)


def pymarket(name, orders, rounds):
    import numpy
    from pymarket import Market

    def prepare():
        market = Market()
        for number, order in enumerate(orders):
            market.accept_bid(order["energyWh"], order["priceMicroPerKwh"], number, order["side"] == "buy")
        return market

    def clear(market):
        transactions, _ = market.run(name, r=numpy.random.RandomState(1)) if name != "huang" else market.run(name)
        table = transactions.get_df()
        bids = market.bm.get_df()
        buying = bids.loc[table["bid"], "buying"].to_numpy()
        return float(table["quantity"].to_numpy()[buying].sum())

    return timed(rounds, prepare, clear)


PROGRAMS = {
    "gsy-framework PayAsClear": lambda orders, rounds: gsy("PayAsClearMatchingAlgorithm", orders, rounds),
    "gsy-framework PayAsBid": lambda orders, rounds: gsy("PayAsBidMatchingAlgorithm", orders, rounds),
    "pymarket muda": lambda orders, rounds: pymarket("muda", orders, rounds),
    "pymarket huang": lambda orders, rounds: pymarket("huang", orders, rounds),
}


def main():
    task = json.load(sys.stdin)
    results = {}
    for name in task["programs"]:
        try:
            results[name] = PROGRAMS[name](task["orders"], task["rounds"])
        except Exception as error:
            results[name] = {"absent": f"{type(error).__name__}: {error}"}
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
