"""AC power flow of the SimBench grid with pandapower, an outside program, for the tests beside this file.

    python ac-power-flow.py GRID.json < CASES.json > RESULTS.json

GRID.json is data/simbench-lv/rural1-2034.json. CASES.json is {"cases": [{"loadKw": [...], "loadKvar": [...], "pvKw": [...]}]}, one
number for each load and PV system in the order of the grid file. A case may also have "pvAbsorbKvar", what each inverter absorbs,
"busAbsorbKvar", what a compensator absorbs at a bus by its number, and "tapPercent", by which the tap changer lowers the voltage behind
the transformer. RESULTS.json has the version and for each case the loading of transformer
and lines in percent, the voltages in per unit, the losses and what the transformer takes from the medium voltage, in kW. All in floating
point: this is a measurement beside the ledger's integers, not a part of them.
"""

import json
import sys

import pandapower

# What the grid file leaves out of SimBench's own grid 1-LV-rural1--2-sw: iron losses and magnetising current of the transformer type
# "0.16 MVA 20/0.4 kV DOTE 160/20 SGB", the capacitance of the cable NAYY 4x150SE 0.6/1kV, and the voltage of the external grid.
PFE_KW = 0.46
I0_PERCENT = 0.28751
C_NF_PER_KM = 829.999394
SLACK_VM_PU = 1.025
VN_HV_KV = 20.0


def build(grid):
    """The network of the grid file, without loads and PV systems."""
    net = pandapower.create_empty_network(sn_mva=1.0, f_hz=50.0)
    for bus in grid["buses"]:
        pandapower.create_bus(net, vn_kv=bus["kv"], name=bus["name"], index=bus["id"])
    transformer = grid["transformer"]
    pandapower.create_ext_grid(net, bus=transformer["hv_bus"], vm_pu=SLACK_VM_PU)
    pandapower.create_transformer_from_parameters(
        net,
        hv_bus=transformer["hv_bus"],
        lv_bus=transformer["lv_bus"],
        sn_mva=transformer["kva"] / 1000,
        vn_hv_kv=VN_HV_KV,
        vn_lv_kv=0.4,
        vk_percent=transformer["vk_percent"],
        vkr_percent=transformer["vkr_percent"],
        pfe_kw=PFE_KW,
        i0_percent=I0_PERCENT,
        shift_degree=150.0,
    )
    for line in grid["lines"]:
        if line["in_service"]:
            pandapower.create_line_from_parameters(
                net,
                from_bus=line["a"],
                to_bus=line["b"],
                length_km=line["km"],
                r_ohm_per_km=line["r_ohm_per_km"],
                x_ohm_per_km=line["x_ohm_per_km"],
                c_nf_per_km=C_NF_PER_KM,
                max_i_ka=line["imax_a"] / 1000,
                index=line["id"],
            )
    for load in grid["loads"]:
        pandapower.create_load(net, bus=load["bus"], p_mw=0.0, q_mvar=0.0, index=load["id"])
    for unit in grid["pv"]:
        pandapower.create_sgen(net, bus=unit["bus"], p_mw=0.0, q_mvar=0.0, index=unit["id"])
    for bus in grid["buses"]:
        # A storage that neither charges nor discharges stands for a compensator.
        pandapower.create_storage(net, bus=bus["id"], p_mw=0.0, q_mvar=0.0, max_e_mwh=0.0, index=bus["id"])
    return net


def run(net, case):
    """One power flow; it raises where the flow does not converge."""
    net.load["p_mw"] = [value / 1000 for value in case["loadKw"]]
    net.load["q_mvar"] = [value / 1000 for value in case["loadKvar"]]
    net.sgen["p_mw"] = [value / 1000 for value in case["pvKw"]]
    net.sgen["q_mvar"] = [-value / 1000 for value in case.get("pvAbsorbKvar", [0.0] * len(net.sgen))]
    absorbed = case.get("busAbsorbKvar", {})
    net.storage["q_mvar"] = [absorbed.get(str(bus), 0.0) / 1000 for bus in net.storage.index]
    net.trafo["vn_hv_kv"] = VN_HV_KV * (1 + case.get("tapPercent", 0.0) / 100)
    pandapower.runpp(net, numba=False)
    losses_mw = net.res_line["pl_mw"].sum() + net.res_trafo["pl_mw"].sum()
    return {
        "transformerLoadingPercent": float(net.res_trafo["loading_percent"].iloc[0]),
        "transformerHvKw": float(net.res_trafo["p_hv_mw"].iloc[0]) * 1000,
        "lineLoadingPercent": [float(value) for value in net.res_line["loading_percent"].sort_index()],
        "voltagesPu": [float(value) for value in net.res_bus["vm_pu"].sort_index()],
        "lossesKw": float(losses_mw) * 1000,
    }


def main():
    """Reads the grid and the cases, runs them, writes the results."""
    with open(sys.argv[1], encoding="utf-8") as file:
        net = build(json.load(file))
    cases = json.load(sys.stdin)["cases"]
    json.dump({"pandapower": pandapower.__version__, "results": [run(net, case) for case in cases]}, sys.stdout)


main()
