"""Our rows for reports elsewhere: stable views, and Parquet files of them."""
