"""AWS's own settings, which botocore reads: in its variables, and in ~/.aws."""

from botocore.exceptions import BotoCoreError

from setting_values import SettingError

UNUSABLE = (BotoCoreError, ValueError)  # what botocore raises of them when it makes a client
# By the name of the exception, whose text names no variable.
MEANT = {
    "ProfileNotFound": "AWS_PROFILE (`aws configure list-profiles` shows what it may be)",
    "ConfigParseError": "the file that AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE names",
    "InvalidRetryModeError": "AWS_RETRY_MODE",
    "InvalidMaxRetryAttemptsError": "AWS_MAX_ATTEMPTS",
    "ValueError": "AWS_MAX_ATTEMPTS",
    "InvalidDefaultsMode": "AWS_DEFAULTS_MODE",
    "InvalidSTSRegionalEndpointsConfigError": "AWS_STS_REGIONAL_ENDPOINTS",
}


def unusable(error: Exception) -> SettingError:
    """What to raise in place of an UNUSABLE."""
    meant = MEANT.get(type(error).__name__, "a variable of AWS's own")
    return SettingError(f"{meant}, or what ~/.aws has in its place, can't be used: {error}")
