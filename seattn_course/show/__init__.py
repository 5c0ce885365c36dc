"""The course's figures and widgets, drawn from the values a notebook hands over, in the notebook's language."""

import importlib
from collections.abc import Callable
from functools import partial

# figure: the module that draws it; modules are imported when their first figure is asked for
FIGURES = {
    "road_map": "road",
    "channel_maps": "squeeze",
    "same_squeeze": "squeeze",
    "shuffled_map": "squeeze",
    "squeeze_explorer": "squeeze",
    "mean_and_max": "squeeze",
    "photo_to_gates": "photo_gates",
    "gate_table": "photo_gates",
    "channel_explorer": "photo_gates",
    "channel_before_after": "photo_gates",
    "hand_steps": "by_hand",
    "hand_explorer": "by_hand",
    "absolute_relative": "by_hand",
    "what_and_where": "by_hand",
    "parameters_by_reduction": "cost",
    "cost_per_stage": "network_cost",
    "reduction_at": "network_cost",
    "reduction_explorer": "network_cost",
    "operations_and_time": "network_cost",
    "curves_and_slopes": "squeeze_and_gate",
    "hidden_by_channels": "squeeze_and_gate",
    "bright_pixel_at": "squeeze_and_gate",
    "bright_pixel_explorer": "squeeze_and_gate",
    "switchboard_at": "switchboard",
    "switchboard_explorer": "switchboard",
    "squeezes_of_maps": "switchboard",
    "meeting_points": "switchboard",
    "option_paths": "fusion_weights",
    "fusion_at": "fusion_weights",
    "fusion_explorer": "fusion_weights",
    "checklist_dots": "fusion_weights",
    "gate_histogram": "gate_range",
    "temperature_at": "gate_range",
    "temperature_explorer": "gate_range",
    "temperature_error": "gate_range",
    "residual_at": "gate_range",
    "residual_explorer": "gate_range",
    "pattern_flows": "fusion_flow",
    "pattern_at": "fusion_flow",
    "pattern_explorer": "fusion_flow",
    "guide_at": "pattern_guide",
    "guide_explorer": "pattern_guide",
    "block_diagram": "block_diagrams",
    "block_diagrams": "block_diagrams",
    "block_at": "block_diagrams",
    "block_explorer": "block_diagrams",
    "by_depth": "depth",
    "hand_gates": "what_where",
    "reach": "what_where",
    "kernel_staircase": "what_where",
    "masks_at": "photo_masks",
    "masks_explorer": "photo_masks",
    "dissociation": "dissociation",
    "ablation_table": "ablation",
    "paired_differences": "ablation",
    "training_curves": "ablation",
    "accuracy_against_cost": "ablation",
    "planned_differences": "planned",
    "made_images": "made_tasks",
    "gates_by_class": "made_tasks",
    "share_by_host": "clinic",
    "chart_at": "clinic",
    "chart_explorer": "clinic",
    "shape_flow": "network_flow",
    "shape_flow_at": "network_flow",
    "shape_flow_explorer": "network_flow",
    "parameter_tree": "network_flow",
    "measured_by_depth": "stability",
    "stack_start_at": "stability",
    "stack_start_explorer": "stability",
    "losses_by_start": "stability",
    "sign_flips_at": "few_seeds",
    "sign_flips_explorer": "few_seeds",
    "chance_at": "few_seeds",
    "chance_explorer": "few_seeds",
    "power_at": "few_seeds",
    "power_explorer": "few_seeds",
    "report_card": "report_card",
    "report_cards": "report_cards",
    "dashboard_at": "dashboard",
    "dashboard_explorer": "dashboard",
}


class Show:
    """The figures in one language: ``show.gate_table(...)`` draws with labels in that language."""

    def __init__(self, language: str):
        self.language = language

    def __getattr__(self, figure: str) -> Callable:
        if figure not in FIGURES:
            raise AttributeError(f"no figure {figure!r}; there are {', '.join(sorted(FIGURES))}")
        module = importlib.import_module(f"seattn_course.show.{FIGURES[figure]}")
        return partial(getattr(module, figure), language=self.language)

    def __dir__(self) -> list[str]:
        return sorted([*super().__dir__(), *FIGURES])
