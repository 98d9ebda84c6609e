"""Where everything lies under the folder that training writes to: the original recipe's names."""

from moodtune.reports.quantities import DISTRIBUTED

REPORT = "report.md"
REPORT_JSON = "report.json"
TIMINGS = "timings.md"
TIMINGS_JSON = "timings.json"
CLUSTERS_JSON = "clusters.json"
REJECTIONS = "rejections.csv"
CLUSTERED_SONGS = "clustered_songs.csv"
CLUSTERED_SONGS_PARQUET = "clustered_songs.parquet"
CLUSTER_SCATTER = "kmeans_cluster_scatter.png"

STATISTICS = "spotify_statistics_visualization"
CORRELATIONS = f"{STATISTICS}/correlation_heatmap.png"
PAIRS = f"{STATISTICS}/pairplot.png"

MUSIC = "music_runs"
MUSIC_CONFUSION = f"{MUSIC}/confusion_matrix.png"
MUSIC_MISCLASSIFIED = f"{MUSIC}/misclassification_bar.png"

LISTENERS = "user_behavior_runs"
LISTENER_CONFUSION = f"{LISTENERS}/confusion_matrix.png"
LISTENER_MISCLASSIFIED = f"{LISTENERS}/misclassification_bar.png"
RISK_COVERAGE = f"{LISTENERS}/risk_coverage.png"
CALIBRATION = f"{LISTENERS}/calibration.png"
ANSWER_WEIGHTS = f"{LISTENERS}/answer_weights.png"
ANSWER_WEIGHTS_CSV = f"{LISTENERS}/answer_weights.csv"
LISTENER_REJECTIONS = f"{LISTENERS}/rejections.csv"


MUSIC_FIGURES = (MUSIC_CONFUSION, MUSIC_MISCLASSIFIED)
LISTENER_FIGURES = (
    LISTENER_CONFUSION,
    LISTENER_MISCLASSIFIED,
    RISK_COVERAGE,
    CALIBRATION,
    ANSWER_WEIGHTS,
)


def distribution(feature: str) -> str:
    """Return where the figure of one feature's distribution lies."""
    return f"{STATISTICS}/{feature}_distribution.png"


#: Every file that a training may write here. What it does not write it removes, so that nothing
#: beside a report is of another training.
EVERY_PATH = (
    REPORT,
    REPORT_JSON,
    TIMINGS,
    TIMINGS_JSON,
    CLUSTERS_JSON,
    REJECTIONS,
    CLUSTERED_SONGS,
    CLUSTERED_SONGS_PARQUET,
    CLUSTER_SCATTER,
    CORRELATIONS,
    PAIRS,
    *map(distribution, DISTRIBUTED),
    *MUSIC_FIGURES,
    *LISTENER_FIGURES,
    ANSWER_WEIGHTS_CSV,
    LISTENER_REJECTIONS,
)
