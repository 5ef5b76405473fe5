"""Plain words for the kinds of layers and of weights, whatever Keras calls them; knows no layer's numbers."""

import re

from reportgen.pages.slugs import shown_name
from reportgen.pages.words import Words

_GROUPS: dict[str, tuple[str, ...]] = {
    "convolution": ("Conv1D", "Conv2D", "Conv3D"),
    "transposed": ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"),
    "depthwise": ("DepthwiseConv1D", "DepthwiseConv2D"),
    "separable": ("SeparableConv1D", "SeparableConv2D"),
    "activation": (
        "Activation", "CELU", "ELU", "Elu", "Gelu", "HardSigmoid", "LeakyReLU", "LeakyRelu", "LogSoftmax", "PReLU",
        "ReLU", "Relu", "Relu6", "Selu", "Sigmoid", "Silu", "Softmax", "Softplus", "Softsign", "Swish", "Tanh",
    ),
    "batch_norm": ("BatchNormalization",),
    "norm": (
        "GroupNormalization", "LayerNormalization", "RMSNormalization", "SpectralNormalization",
        "UnitNormalization",
    ),
    "add": ("Add",),
    "subtract": ("Subtract",),
    "multiply": ("Multiply",),
    "average": ("Average",),
    "maximum": ("Maximum",),
    "minimum": ("Minimum",),
    "dot": ("Dot",),
    "join": ("Concatenate",),
    "pad": ("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"),
    "crop": ("CenterCrop", "Cropping1D", "Cropping2D", "Cropping3D"),
    "enlarge": ("UpSampling1D", "UpSampling2D", "UpSampling3D"),
    "resize": ("Resizing",),
    "rescale": ("Normalization", "Rescaling"),
    "encode": (
        "CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "StringLookup",
        "TextVectorization",
    ),
    "embedding": ("Embedding",),
    "recurrent": ("Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GRU", "LSTM", "RNN", "SimpleRNN"),
    "each_step": ("TimeDistributed",),
    "attention": (
        "AdditiveAttention", "Attention", "GroupQueryAttention", "GroupedQueryAttention", "MultiHeadAttention",
    ),
    "dropout": ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
    "noise": ("AlphaDropout", "GaussianDropout", "GaussianNoise"),
    "dense": ("Dense", "EinsumDense"),
    "flatten": ("Flatten",),
    "reshape": ("Reshape",),
    "reorder": ("Permute",),
    "repeat": ("RepeatVector",),
    "mask": ("Masking",),
    "input": ("InputLayer",),
    "variables": ("Variables",),
}  # fmt: skip
_GROUP_OF = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}


def group_of(kind: str) -> str:
    """Return the key of a kind's plain word; the kind itself where there is none."""
    if "Pooling" in kind:
        return "pooling"
    return "random" if re.fullmatch(r"Random[A-Z]\w*", kind) else _GROUP_OF.get(kind, kind)


def kind_words(words: Words) -> dict[str, str]:
    """Return the plain words for the kinds of layers, by their group."""
    _ = words.gettext
    return {
        "convolution": _("Convolution"),
        "transposed": _("Transposed convolution"),
        "depthwise": _("Depthwise convolution"),
        "separable": _("Separable convolution"),
        "pooling": _("Pooling"),
        "dense": _("Dense layer"),
        "output": _("Output layer"),
        "flatten": _("Flattening"),
        "dropout": _("Dropout"),
        "activation": _("Activation"),
        "batch_norm": _("Batch normalisation"),
        "norm": _("Normalisation"),
        "add": _("Addition"),
        "subtract": _("Subtraction"),
        "multiply": _("Multiplication"),
        "average": _("Averaging"),
        "maximum": _("Largest of several"),
        "minimum": _("Smallest of several"),
        "dot": _("Dot product"),
        "join": _("Joining"),
        "pad": _("Padding"),
        "crop": _("Cropping"),
        "enlarge": _("Enlarging"),
        "resize": _("Resizing"),
        "rescale": _("Rescaling"),
        "encode": _("Encoding"),
        "embedding": _("Embedding"),
        "recurrent": _("Recurrent layer"),
        "each_step": _("Step by step"),
        "attention": _("Attention"),
        "random": _("Random change"),
        "noise": _("Noise"),
        "reshape": _("Reshaping"),
        "reorder": _("Reordering"),
        "repeat": _("Repeating"),
        "mask": _("Masking"),
        "input": _("Input"),
        "variables": _("Weights"),
    }


def short_kind_words(words: Words) -> dict[str, str]:
    """Return the shortest words for the kinds of layers that charts show most, by their group."""
    _ = words.gettext
    return {
        "convolution": _("conv"),
        "transposed": _("conv"),
        "depthwise": _("conv"),
        "separable": _("conv"),
        "pooling": _("pool"),
        "dense": _("dense"),
        "output": _("output"),
        "activation": _("act"),
        "batch_norm": _("norm"),
        "norm": _("norm"),
    }


def weight_title(name: str, words: Words) -> str:
    """Return what an array of weights is called in plain words; its own name where there is none."""
    _ = words.gettext
    titles = {
        "kernel": _("The weights"),
        "bias": _("The biases: the number added at the end"),
        "depthwise_kernel": _("The weights that slide"),
        "pointwise_kernel": _("The weights that mix the maps"),
        "recurrent_kernel": _("The weights from one step to the next"),
        "embeddings": _("The table of numbers: a row for each word or code"),
        "gamma": _("The factors: what each unit is multiplied by"),
        "beta": _("The shifts: what is added to each unit"),
        "moving_mean": _("The running means: what is taken away from each unit"),
        "moving_variance": _("The running variances: by their roots each unit is divided"),
        "kernel_scale": _("The scales of the whole-number weights"),
        "alpha": _("The slopes below zero"),
    }
    last = name.rsplit("/", 1)[-1]
    parts = {"query": _("queries"), "key": _("keys"), "value": _("values"), "attention_output": _("output")}
    part = next((parts[each] for each in name.split("/")[:-1] if each in parts), "")
    known = titles.get(last, shown_name(name))
    if part:
        return f"{known} ({part})"
    return known if last == name or last not in titles else f"{known} ({shown_name(name)})"
