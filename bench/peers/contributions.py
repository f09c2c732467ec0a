"""SHAP values of a model by LightGBM itself (pred_contrib), for bench/explanations.ts.

contributions.py MODEL.txt ROWS.f64 WIDTH OUT.f64: rows are doubles, row-major; so is what is written, rows x (width + 1),
the expected value last. Prints one line of JSON: seconds of pred_contrib on one thread, and the predictions' raw sum.
"""
import json
import sys
import time

import lightgbm
import numpy

model, rows_path, width, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
booster = lightgbm.Booster(model_file=model)
rows = numpy.fromfile(rows_path, dtype=numpy.float64).reshape(-1, width)
booster.predict(rows[:10], pred_contrib=True, num_threads=1)
started = time.process_time()
contributions = booster.predict(rows, pred_contrib=True, num_threads=1)
seconds = time.process_time() - started
numpy.asarray(contributions, dtype=numpy.float64).tofile(out)
booster.predict(rows, raw_score=True).astype(numpy.float64).tofile(out + ".raw")
print(json.dumps({"version": lightgbm.__version__, "seconds": seconds}))
