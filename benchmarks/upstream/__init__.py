"""Reports to the SDKs' maintainers.

Each script compares the SDK's own code with a patch.
"""
