"""Reports to the SDKs' maintainers: each script measures the stock way and a patch."""
