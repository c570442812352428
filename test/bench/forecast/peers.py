"""Forecasts the same rows with LightGBM and statsforecast, where they are installed.

Reads {"horizon", "perDay", "leads", "firstDay", "series": [[...]]} from standard input: series by steps from the midnight of a Monday.
Writes one line of JSON: for each program its NMAE per series (mean absolute error by mean load) and its seconds. Neither program is
part of this project.
"""

import json
import sys
import time
import warnings

import numpy as np

warnings.filterwarnings("ignore")


def lightgbm_errors(task, values):
    """One model for all series: lags, means and medians of the same time, level, hour, day of the week; absolute error as objective."""
    import lightgbm

    per_day, leads, first = task["perDay"], task["leads"], task["firstDay"]
    steps, count = values.shape
    is_day_ahead = task["horizon"] == "day-ahead"
    days = steps // per_day
    by_day = values[: days * per_day].reshape(days, per_day, count)

    def rows_of(day):
        """Features and targets of all issues of a day, scaled by the mean of two weeks."""
        scale = values[max(0, day - 14) * per_day : day * per_day].mean(0) + 1e-9
        blocks = []
        for lead in range(1 if is_day_ahead else leads):
            at = day * per_day + np.arange(per_day) + lead
            at = at[at < steps]
            issue = np.full(len(at), day * per_day) if is_day_ahead else at - lead
            safe = [np.where(at - lag * per_day < issue, at - lag * per_day, at - (lag + 1) * per_day) for lag in range(1, 8)]
            lags = [values[places] for places in safe]
            stack = np.stack(lags)
            around = [values[np.minimum(safe[0] + shift, issue - 1)] for shift in (-1, 1)]
            recent = [np.stack([values[issue - back] for back in range(1, width + 1)]).mean(0) for width in (1, 2, 4, per_day // 4, per_day)]
            clock = np.repeat((at % per_day)[:, None], count, 1)
            weekday = np.repeat(((at // per_day) % 7)[:, None], count, 1)
            columns = lags + around + recent + [stack.mean(0), np.median(stack, 0), stack.min(0), stack.max(0), stack[:3].mean(0)]
            features = np.stack([column / scale for column in columns] + [clock, weekday, np.full_like(clock, lead)], -1)
            blocks.append((features, values[at] / scale, at, issue))
        return blocks, scale

    cached = {day: rows_of(day) for day in range(8, days)}
    errors, loads = np.zeros(count), np.zeros(count)
    model = None
    for day in range(first, days):
        if model is None or is_day_ahead or (day - first) % 7 == 0:
            features, targets = [], []
            for earlier in range(8, day):
                for block, target, at, _ in cached[earlier][0]:
                    known = at < day * per_day
                    every = 1 if is_day_ahead or count == 1 else 6
                    features.append(block[known][::every].reshape(-1, block.shape[-1]))
                    targets.append(target[known][::every].reshape(-1))
            data = lightgbm.Dataset(np.concatenate(features), np.concatenate(targets))
            options = dict(objective="l1", learning_rate=0.06, num_leaves=31, min_data_in_leaf=40, feature_fraction=0.6,
                           bagging_fraction=0.7, bagging_freq=1, seed=1, deterministic=True, num_threads=1, verbosity=-1)
            model = lightgbm.train(options, data, 80)
        blocks, scale = cached[day]
        for block, target, _, _ in blocks:
            made = model.predict(block.reshape(-1, block.shape[-1])).reshape(target.shape) * scale
            errors += np.abs(made - target * scale).sum(0)
            loads += (target * scale).sum(0)
    return errors / loads


def statsforecast_errors(task, values, name):
    import pandas
    from statsforecast import StatsForecast
    from statsforecast import models

    per_day, leads, first = task["perDay"], task["leads"], task["firstDay"]
    is_day_ahead = task["horizon"] == "day-ahead"
    model = {
        "SeasonalExponentialSmoothingOptimized": lambda: models.SeasonalExponentialSmoothingOptimized(per_day),
        "MSTL": lambda: models.MSTL([per_day]),
    }[name]()
    times = pandas.date_range("2026-01-05", periods=len(values), freq=f"{1440 // per_day}min")
    frame = pandas.concat(
        [pandas.DataFrame({"unique_id": str(index), "ds": times, "y": column}) for index, column in enumerate(values.T)]
    )
    # Intraday too once a day suffices: seasonal smoothing forecasts a step from the same step of the days before, which are all known
    # four hours ahead, so that each of the forecasts of a step is the same; it counts as often as there are forecasts of it.
    windows = len(values) // per_day - first
    made = StatsForecast(models=[model], freq=f"{1440 // per_day}min", n_jobs=1).cross_validation(
        df=frame, h=per_day, step_size=per_day, n_windows=windows
    )
    column = [one for one in made.columns if one not in ("unique_id", "ds", "cutoff", "y")][0]
    steps = made.groupby("unique_id").cumcount()
    made["times"] = 1 if is_day_ahead else np.minimum(steps + 1, leads)
    error = ((made[column] - made["y"]).abs() * made["times"]).groupby(made["unique_id"]).sum()
    found = error / (made["y"] * made["times"]).groupby(made["unique_id"]).sum()
    return found.to_numpy()


def main():
    task = json.load(sys.stdin)
    values = np.array(task["series"], dtype=float).T
    programs = {"LightGBM": lambda: lightgbm_errors(task, values)}
    smoothing = "SeasonalExponentialSmoothingOptimized"
    programs[f"statsforecast {smoothing}"] = lambda: statsforecast_errors(task, values, smoothing)
    if values.shape[1] == 1 and task["horizon"] == "day-ahead":
        # Takes more than a second for each forecast of one series: too long for the others.
        programs["statsforecast MSTL"] = lambda: statsforecast_errors(task, values, "MSTL")
    results = {}
    for name, run in programs.items():
        start = time.perf_counter()
        try:
            results[name] = {"nmae": [float(one) for one in run()], "seconds": time.perf_counter() - start}
        except Exception as error:
            results[name] = {"absent": f"{type(error).__name__}: {error}"}
    print(json.dumps(results))


if __name__ == "__main__":
    main()
