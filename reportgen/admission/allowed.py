"""What of Keras' own a file may name: a table, so that it can be read, and held against the Keras installed.

A class that Keras gets in a later version is refused until it stands here.
"""

import re


def names_in(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


MODELS = names_in("Functional Model Sequential")
"""Networks, which may stand inside one another."""

LAYERS = names_in(
    """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention
    AugMix AutoContrast Average AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D
    BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate
    ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D
    Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose Convolution2D
    Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D Cropping2D Cropping3D CutMix Dense
    DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization Flatten GRU
    GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention HashedCrossing
    Hashing Identity InputLayer InputSpec IntegerLookup LSTM LSTMCell LayerNormalization LeakyReLU Masking
    MaxNumBoundingBoxes MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum
    MelSpectrogram Minimum MixUp MultiHeadAttention Multiply Normalization PReLU Permute Pipeline
    RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast
    RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue
    RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear
    RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding STFTSpectrogram
    SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax
    Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells
    StringLookup Subtract TextVectorization TimeDistributed UnitNormalization UpSampling1D UpSampling2D
    UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """
)

INITIALIZERS = names_in(
    """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer LecunNormal LecunUniform
    Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform STFT STFTInitializer TruncatedNormal
    VarianceScaling Zeros constant glorot_normal glorot_uniform he_normal he_uniform identity lecun_normal
    lecun_uniform ones orthogonal random_normal random_uniform truncated_normal variance_scaling zeros
    """
)
REGULARIZERS = names_in("L1 L1L2 L2 OrthogonalRegularizer l1 l1_l2 l2 orthogonal_regularizer")
CONSTRAINTS = names_in("MaxNorm MinMaxNorm NonNeg UnitNorm max_norm min_max_norm non_neg unit_norm")
DTYPE_POLICIES = names_in(
    """
    AWQDTypePolicy DTypePolicy DTypePolicyMap FloatDTypePolicy GPTQDTypePolicy Int4DTypePolicy
    QuantizedDTypePolicy QuantizedFloat8DTypePolicy
    """
)
QUANTIZERS = names_in(
    """
    AWQConfig AbsMaxQuantizer Float8QuantizationConfig GPTQConfig Int4QuantizationConfig Int8QuantizationConfig
    """
)
OTHERS = frozenset({"SeedGenerator"})

FUNCTIONS = names_in(
    """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
    log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold
    """
)
"""Activations, which a file may also name as functions."""

OPERATIONS = names_in(
    """
    core.Cast core.ConvertToTensor core.SaturateCast core.Scatter core.ScatterUpdate core.Slice core.SliceUpdate
    core.StopGradient core.Unstack einops.Rearrange
    image.AffineTransform image.CropImages image.ExtractPatches image.GaussianBlur image.HSVToRGB
    image.MapCoordinates image.PadImages image.PerspectiveTransform image.RGBToGrayscale image.RGBToHSV
    image.Resize image.ScaleAndTranslate image.SobelEdges
    linalg.Cholesky linalg.Det linalg.Eig linalg.Eigh linalg.Inv linalg.LuFactor linalg.Norm linalg.Pinv linalg.Qr
    linalg.SVD linalg.Solve linalg.SolveTriangular
    math.Erf math.Erfc math.Erfinv math.ExtractSequences math.FFT math.FFT2 math.IFFT2 math.IRFFT math.ISTFT
    math.InTopK math.Logdet math.Logsumexp math.RFFT math.Rsqrt math.STFT math.SegmentMax math.SegmentSum
    math.TopK math.ViewAsComplex math.ViewAsReal
    nn.AdaptiveAveragePool nn.AdaptiveMaxPool nn.AveragePool nn.BatchNorm nn.Celu nn.Conv nn.ConvTranspose
    nn.DepthToSpace nn.DepthwiseConv nn.DotProductAttention nn.Elu nn.Fold nn.Gelu nn.Glu nn.HardShrink
    nn.HardSigmoid nn.HardSilu nn.HardTanh nn.LayerNorm nn.LeakyRelu nn.LogSigmoid nn.LogSoftmax nn.MaxPool
    nn.Moments nn.MultiHot nn.Normalize nn.OneHot nn.RMSNorm nn.Relu nn.Relu6 nn.Selu nn.SeparableConv nn.Sigmoid
    nn.Silu nn.SoftShrink nn.Softmax nn.Softplus nn.Softsign nn.SpaceToDepth nn.SparsePlus nn.SparseSigmoid
    nn.Sparsemax nn.Squareplus nn.TanhShrink nn.Threshold nn.Unfold
    numpy.Abs numpy.Absolute numpy.Add numpy.All numpy.Amax numpy.Amin numpy.Any numpy.Append numpy.Arccos
    numpy.Arccosh numpy.Arcsin numpy.Arcsinh numpy.Arctan numpy.Arctan2 numpy.Arctanh numpy.Argmax numpy.Argmin
    numpy.Argsort numpy.ArraySplit numpy.Average numpy.Bincount numpy.BroadcastTo numpy.Cbrt numpy.Ceil numpy.Clip
    numpy.Concatenate numpy.Conj numpy.Conjugate numpy.Copy numpy.Cos numpy.Cosh numpy.CountNonzero numpy.Cross
    numpy.Cumprod numpy.Cumsum numpy.Diag numpy.Diagonal numpy.Diff numpy.Digitize numpy.Divide
    numpy.DivideNoNan numpy.Dot numpy.Einsum numpy.Equal numpy.Exp numpy.Exp2 numpy.ExpandDims numpy.Expm1
    numpy.Flip numpy.Floor numpy.FloorDivide numpy.Fmax numpy.Fmin numpy.FullLike numpy.GetItem numpy.Greater
    numpy.GreaterEqual numpy.Hstack numpy.Hypot numpy.Imag numpy.Inner numpy.Isfinite numpy.Isinf numpy.Isnan
    numpy.Less numpy.LessEqual numpy.Log numpy.Log10 numpy.Log1p numpy.Log2 numpy.Logaddexp numpy.LogicalAnd
    numpy.LogicalNot numpy.LogicalOr numpy.LogicalXor numpy.Matmul numpy.Max numpy.Maximum numpy.Mean numpy.Median
    numpy.Meshgrid numpy.Min numpy.Minimum numpy.Mod numpy.Moveaxis numpy.Multiply numpy.NanToNum numpy.Negative
    numpy.NotEqual numpy.OnesLike numpy.Outer numpy.Pad numpy.Power numpy.Prod numpy.Quantile numpy.Ravel
    numpy.Real numpy.Reciprocal numpy.Repeat numpy.Reshape numpy.Roll numpy.Rot90 numpy.Round numpy.SearchSorted
    numpy.Select numpy.Sign numpy.Sin numpy.Sinh numpy.Size numpy.Sort numpy.Split numpy.Sqrt numpy.Square
    numpy.Squeeze numpy.Stack numpy.Std numpy.Subtract numpy.Sum numpy.Swapaxes numpy.Take numpy.TakeAlongAxis
    numpy.Tan numpy.Tanh numpy.Tensordot numpy.Tile numpy.Trace numpy.Transpose numpy.Tril numpy.Triu
    numpy.TrueDivide numpy.Trunc numpy.Var numpy.Vdot numpy.Vstack numpy.Where numpy.ZerosLike
    """
)
"""Steps that a functional network takes by itself, each with the module of `keras.ops` it stands in.

Out are those that take a function to run (`Map`, `WhileLoop` …) or make an array out of nothing (`Full` …).
"""

OPERATIONS_HOME = "keras.src.ops."

ELSEWHERE = frozenset({"keras.src.applications.convnext.LayerScale"})
"""Layers of Keras' own networks that stand beside these and nowhere else."""

CLASSES = MODELS | LAYERS | INITIALIZERS | REGULARIZERS | CONSTRAINTS | DTYPE_POLICIES | QUANTIZERS | OTHERS

MODULES = re.compile(
    r"keras(\.(layers|initializers|regularizers|constraints|activations|dtype_policies|quantizers|models|random)"
    r"|\.src\.(layers|initializers|regularizers|constraints|dtype_policies|quantizers|models|random)(\.[a-z0-9_]+)*"
    r"|\.src\.engine\.(functional|sequential|training|input_layer)"
    r"|\.engine\.(functional|sequential|training|input_layer))?"
)
"""Modules in which a class of the table may stand; any other would have to be imported for the file's sake."""

FUNCTION_MODULES = frozenset({None, "builtins", "keras.activations", "keras.src.activations.activations"})

VALUES = names_in("__keras_tensor__ __tensor__ __numpy__ __slice__ __ellipsis__ __tuple__ __bytes__ TensorShape")
"""What Keras writes for plain values; they name no class."""

RUNS_CODE = {
    "Lambda": "a Lambda, which runs code that the file brings along",
    "__lambda__": "a function that the file brings along as code",
    "TFSMLayer": "a TFSMLayer, which runs another file that it names",
    "TorchModuleWrapper": "a TorchModuleWrapper, which unpickles, and so runs, what the file brings along",
    "JaxLayer": "a JaxLayer, which runs code that the file brings along",
    "FlaxLayer": "a FlaxLayer, which runs code that the file brings along",
    "__typespec__": "a type that TensorFlow would have to look up",
    "TypeSpec": "a type that TensorFlow would have to look up",
    "CompositeTensor": "a type that TensorFlow would have to look up",
}
"""Why these are refused, in words."""

NUMBER_TYPE = re.compile(r"(<|=|\|)?(bool|string|bfloat16|(float|u?int|complex)[0-9]{1,3}|[biufc][0-9]{1,2})")
"""A type of numbers that says how large one is."""
