/** Reasons that the runtime gives for what it chose, in the page's language.
 *
 * They come as English sentences with figures in them, from `core/sizing.py`, `core/tune_sizing.py`,
 * the frameworks and the trainers. What is not known here stays English.
 */
import { msg } from "./index";
import { told } from "./told";

const SENTENCES = [
  // how a model is served
  msg("It was made for {most} tokens; {asked} were asked for."),
  msg(
    "{asked} devices cannot share it: they must divide its {heads} heads ({kv} for keys and values), and {there} are there.",
  ),
  msg("Possible: {list}."),
  msg("It does not fit {count} × {memory}."),
  msg(
    "Each of {count} would hold {weights} of weights and {working} to work with, {sum} of {usable} usable.",
  ),
  msg("{cache} are left for {tokens} tokens; {needed} are needed."),
  msg(
    "On each of {count} × {memory}: {weights} of weights ({precision}), {working} to work with, and {cache} for {tokens} tokens at {each} each.",
  ),
  msg("{count} devices hold {copies} copies."),
  msg("That is why a request holds {tokens} tokens and not {most}."),
  msg(
    "{weights} of weights, {working} to work with and {cache} GiB for {tokens} tokens are more than the {free} of free memory.",
  ),
  msg(
    "On the processor: {weights} of weights ({precision}), {working} to work with and {cache} GiB for {tokens} tokens at {each} each, of {free} free memory.",
  ),
  msg("The processor has no arithmetic for bf16."),
  msg("It would fit too; {other} is preferred where both do."),
  msg("The model has no weights of its own on this disk."),
  msg("It is a GGUF file; llama.cpp is made for those."),
  msg("Weights quantised with {kind} need a GPU, and there is none."),
  msg("The environment for local models is not there."),
  msg("The environment for local models has not been made: run `make local-models`."),
  msg("Run `make local-models`, or press Set up on the page Models."),
  msg("Run `make local-models`."),
  msg("vLLM finds no device here that it can use."),
  msg("LightLLM serves folders of safetensors only."),
  msg("LightLLM is used for chat here, not for {job}."),
  msg("LightLLM computes on NVIDIA GPUs only, and there is none."),
  msg("LightLLM loads no adapters while it serves."),
  msg("LightLLM does not run here."),
  msg("llama.cpp needs the weights as one GGUF file."),
  msg("There is no file {path}."),
  msg("llama.cpp loads its adapters at the start, not while it serves."),
  msg("The weights are a GGUF file, and llama.cpp runs on any processor."),
  msg(
    "{weights} of weights, {cache} for {tokens} tokens and {working} to work with are more than the {free} of free memory.",
  ),
  msg(
    "A GGUF file on the processor: {weights} of weights, {cache} for {tokens} tokens that all requests share, {working} to work with, of {free} free memory.",
  ),
  // how a model is trained
  msg(
    "{method}: {weights} of weights, {trained} for what is trained, {compute} to compute with and {own} for the framework itself, of {free} free in main memory.",
  ),
  msg(
    "{method}: {weights} of weights, {trained} for what is trained, {compute} to compute with and {own} for the framework itself, of {free} free in each of {count} GPUs.",
  ),
  msg("A small part beside the frozen weights is trained: it needs the least memory and is taken off again."),
  msg("All weights are trained, as asked for."),
  msg("As asked for."),
  msg("The usual {rate} for {method} and a model of {size} M parameters."),
  msg("All {count} examples of a step fit at once."),
  msg("{micro} at once fit; {parts} such parts make a step of {count} examples."),
  msg("Activations are computed again, because they would not fit otherwise."),
  msg("Activations fit, so nothing is computed twice."),
  msg("Each of {count} devices takes its part of every step."),
  msg("One device."),
  msg("The processor computes in bf16 itself."),
  msg("The processor has no arithmetic for bf16, and imitating it takes far longer than fp32."),
  msg("The GPU has no arithmetic for bf16."),
  msg("The GPU computes in bf16 itself."),
  msg("Everything fits on each device."),
  msg("Gradients and moments are divided over the devices."),
  msg("Weights, gradients and moments are divided over the devices."),
  msg("The longest example has {count} tokens."),
  msg("Examples longer than {most} tokens are cut; the longest has {count}."),
  msg("Only {count} examples: expect the model to repeat them and little else."),
  msg("Many rounds over few examples: the model may forget what it knew."),
  msg("On a processor a model of this size takes very long."),
  msg("{count} devices divide the {heads} heads between them."),
  msg("It needs a GPU."),
  msg("It is not offered here."),
  msg("Even one example at once with checkpointing takes {size}; {room} may be used."),
  msg("It does not fit."),
  msg("peft trains a Hugging Face folder with safetensors weights; a GGUF file can't be trained."),
  msg("Only models that write text are trained."),
  msg("Its weights are {kind} already, which only QLoRA can start from."),
  msg("CoLLiE trains on GPUs only."),
  msg("CoLLiE trains a Hugging Face folder of a model that writes text."),
  msg("CoLLiE learns from answers, not from pairs."),
  msg("No framework can do this fine-tune here."),
  msg("“{name}” does not see the files of this machine, where model and examples lie."),
  msg("Nothing can serve “{name}” there."),
  // how a vendor trains one
  msg("{vendor} trains it."),
  msg("What {vendor} does where nothing is asked for."),
  msg("{count} examples of {mean} tokens, {times} times."),
  msg("The examples leave this machine: they are sent to {vendor}."),
];

/** The reason in the page's language, sentence by sentence. */
export const reasonWords = told(SENTENCES);
