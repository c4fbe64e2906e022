"""Measures of the product: readers of data sets, metrics, intervals, reports."""
