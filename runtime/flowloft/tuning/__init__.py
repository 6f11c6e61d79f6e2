"""Fine-tuning: examples in, an adapter out.

from flowloft.tuning import tune

done = tune("models/smollm2-135m-instruct", "faq.jsonl", "tuned/faq", epochs=2)
print(done.gguf)

``tune_online`` has a vendor do it, with the same examples.
"""

from flowloft.tuning.data import Report, divide, measure, read_examples
from flowloft.tuning.job import Tuned, choose, prepare, result_of, tune
from flowloft.tuning.online import choose_online, start_online, tune_online

__all__ = [
    "Report",
    "Tuned",
    "choose",
    "choose_online",
    "divide",
    "measure",
    "prepare",
    "read_examples",
    "result_of",
    "start_online",
    "tune",
    "tune_online",
]
