"""The usual serving stack: FastAPI, pydantic, pandas and CatBoost, one row a request, nothing logged.

usage: OLIST=FOLDER uvicorn serve_fastapi:app --port PORT --log-level warning
`GET /example` is the body to POST to `/predict`. The model is trained at start: 300 trees on features of the kind
that the project's own pipeline has, from which it predicts whether an order will be reviewed with 4 or 5.
"""

import os

import catboost
import pandas as pd
from fastapi import FastAPI
from olist_table import load
from pydantic import create_model

frame, score = load(os.environ["OLIST"])
settings = {"iterations": 300, "thread_count": 1, "verbose": 0, "allow_writing_files": False}
model = catboost.CatBoostClassifier(**settings).fit(frame, (score >= 4).astype(int))
Order = create_model("Order", **{column: (float, ...) for column in frame.columns})
app = FastAPI()


@app.get("/example")
def example():
    return {column: float(value) for column, value in frame.iloc[0].items()}


@app.post("/predict")
def predict(order: Order):
    probability = float(model.predict_proba(pd.DataFrame([order.model_dump()]))[0, 1])
    tier = "green" if probability >= 0.7 else "yellow" if probability >= 0.3 else "red"
    return {"probability": probability, "tier": tier}
