"""Trains one learner of XGBoost or scikit-learn on a table of numbers; the other side of `bench/tree-learners.ts`.

usage: python tree_learners.py FOLDER COLUMNS LEARNER...

FOLDER has `train.f64` and `test.f64` (little-endian, row-major, no missing values) and `train-target.f64`. Writes the
predictions on the test rows, probabilities of class 1 for classifiers, as `LEARNER.f64`, and prints one JSON line a
learner: its name, its library's version and its fit seconds.
"""

import json
import os
import sys
import time
import warnings

import numpy as np
import sklearn
import xgboost
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore")

LEARNERS = {
    "XGBRFClassifier": lambda: xgboost.XGBRFClassifier(random_state=0, n_jobs=1),
    "XGBRFRegressor": lambda: xgboost.XGBRFRegressor(random_state=0, n_jobs=1),
    "AdaBoostClassifier": lambda: AdaBoostClassifier(
        DecisionTreeClassifier(max_depth=2), n_estimators=100, learning_rate=0.5, random_state=0
    ),
    "AdaBoostRegressor": lambda: AdaBoostRegressor(random_state=0),
}


def main():
    folder, columns, *names = sys.argv[1:]

    def read(name):
        return np.fromfile(os.path.join(folder, name), dtype="<f8")

    train, test = (read(name).reshape(-1, int(columns)) for name in ("train.f64", "test.f64"))
    target = read("train-target.f64")
    for name in names:
        model = LEARNERS[name]()
        started = time.perf_counter()
        model.fit(train, target)
        seconds = time.perf_counter() - started
        predicted = model.predict_proba(test)[:, 1] if hasattr(model, "predict_proba") else model.predict(test)
        predicted.astype("<f8").tofile(os.path.join(folder, f"{name}.f64"))
        library = xgboost if name.startswith("XGB") else sklearn
        line = {"learner": name, "library": f"{library.__name__} {library.__version__}", "fitSeconds": seconds}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
