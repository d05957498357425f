"""The dataset as Kaggle serves it, through kagglehub (an optional extra).

kagglehub keeps its own cache, so a second run downloads nothing. It is imported only when
this source is asked for.
"""

from __future__ import annotations

import logging
from pathlib import Path

from extract.errors import DownloadError, SourceError

DATASET = "olistbr/brazilian-ecommerce"
DATASET_PAGE = "https://www.kaggle.com/datasets/olistbr/brazilian-ecommerce"

_logger = logging.getLogger(__name__)


def download() -> Path:
    """Fetch the dataset and give the directory kagglehub put it in.

    Raises:
        SourceError: kagglehub is not installed.
        DownloadError: The download failed.
    """
    try:
        import kagglehub  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415 - optional, and slow
    except ImportError as error:
        raise SourceError(
            "The source kaggle needs the package kagglehub, which is not installed. Run "
            '`pip install "olist-dw[kaggle]"` (in a clone: `pip install -e ".[kaggle]"`), or '
            f"download the zip from {DATASET_PAGE} and name it as the source."
        ) from error
    _logger.info("Downloading %s from Kaggle", DATASET)
    try:
        return Path(kagglehub.dataset_download(DATASET))
    except Exception as error:  # kagglehub lets through whatever its HTTP library raises
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DownloadError(
            f"Downloading {DATASET} from Kaggle failed: {reason.rstrip('.')}. See that "
            f"kaggle.com can be reached, or download the zip from {DATASET_PAGE} and name it "
            f"as the source."
        ) from error
