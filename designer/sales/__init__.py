"""The rooms of sales: the board, a deal, what is stuck, and the pipelines behind them."""
