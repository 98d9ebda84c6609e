"""How good the models are, beside their baselines and with intervals."""
