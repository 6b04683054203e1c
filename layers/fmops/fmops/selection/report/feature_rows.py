"""The feature matrix of a run as its report shows it."""

from fmops.catalog.matrix import FeatureMatrix, MatrixRow
from fmops.selection.details import FeatureRow


def feature_rows(matrix: FeatureMatrix | None) -> list[FeatureRow]:
    """A row for each model, named by its candidates."""
    return [
        FeatureRow(name=", ".join(row.candidates), kept=row.kept, reasons=_reasons(row), features=row.shown())
        for row in (matrix.rows if matrix else [])
    ]


def _reasons(row: MatrixRow) -> list[str]:
    return [*row.reasons, "it stays all the same: it serves already"] if row.kept and row.reasons else row.reasons
