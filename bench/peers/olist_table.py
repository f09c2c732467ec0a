"""The table that the peers learn from: one row an order of the Olist files."""

import os

import pandas as pd

PRODUCT = ["product_weight_g", "product_length_cm", "product_height_cm", "product_width_cm", "product_photos_qty"]


def load(folder):
    """One row an order: 22 numeric features, missing ones filled with the median, and its review score."""

    def read(name):
        return pd.read_csv(os.path.join(folder, f"olist_{name}_dataset.csv"))

    orders = read("orders")
    for column in orders.columns[3:]:
        orders[column] = pd.to_datetime(orders[column], errors="coerce")
    reviews = read("order_reviews").drop_duplicates("order_id")[["order_id", "review_score"]]
    items = read("order_items").groupby("order_id", as_index=False).agg(
        price=("price", "sum"),
        freight_value=("freight_value", "sum"),
        n_items=("order_item_id", "max"),
        product_id=("product_id", "first"),
        seller_id=("seller_id", "first"),
    )
    payments = read("order_payments").groupby("order_id", as_index=False).agg(
        payment_value=("payment_value", "sum"),
        payment_installments=("payment_installments", "max"),
        payment_sequential=("payment_sequential", "max"),
    )
    rows = (
        orders.merge(reviews, on="order_id")
        .merge(items, on="order_id", how="left")
        .merge(read("products"), on="product_id", how="left")
        .merge(payments, on="order_id", how="left")
        .merge(read("customers"), on="customer_id", how="left")
        .merge(read("sellers"), on="seller_id", how="left")
    )

    def days(later, earlier):
        return (rows[later] - rows[earlier]).dt.total_seconds() / 86400

    bought, delivered = "order_purchase_timestamp", "order_delivered_customer_date"
    features = pd.DataFrame(
        {
            "delivery_time_days": days(delivered, bought),
            "estimated_delivery_days": days("order_estimated_delivery_date", bought),
            "expectation_gap": days(delivered, "order_estimated_delivery_date"),
            "carrier_handling_time": days("order_delivered_carrier_date", "order_approved_at"),
            "delivered": (rows.order_status == "delivered").astype(int),
            "freight_ratio": rows.freight_value / (rows.price + 1e-9),
            "month": rows[bought].dt.month,
            "weekday": rows[bought].dt.day_of_week,
            "same_state": (rows.customer_state == rows.seller_state).astype(int),
        }
    )
    features["is_late"] = (features.expectation_gap > 0).astype(int)
    payment = ["payment_value", "payment_installments", "payment_sequential"]
    for column in ["price", "freight_value", "n_items", *payment, *PRODUCT, "customer_zip_code_prefix"]:
        features[column] = rows[column]
    return features.fillna(features.median()), rows.review_score.to_numpy()
