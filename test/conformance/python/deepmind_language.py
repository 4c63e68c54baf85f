"""DeepMind's own language model; the folder `perceiver` of their code is to be found by sys.path."""

import haiku as hk
from perceiver import io_processors, perceiver, position_encoding


def language_model(sizes):
    """The model of DeepMind's colab: bytes [B, T] and a mask to logits [B, T, V]."""

    def forward(ids, mask):
        table = hk.Embed(vocab_size=sizes["vocabulary"], embed_dim=sizes["width"])
        places = position_encoding.TrainablePositionEncoding(
            index_dim=sizes["length"], num_channels=sizes["width"]
        )
        embedded = table(ids) + places(ids.shape[0])
        model = perceiver.Perceiver(
            encoder=perceiver.PerceiverEncoder(**sizes["encoder"]),
            decoder=perceiver.BasicDecoder(**sizes["decoder"]),
        )
        outputs = model(embedded, is_training=False, input_mask=mask, query_mask=mask)
        return io_processors.EmbeddingDecoder(embedding_matrix=table.embeddings)(outputs)

    return hk.transform(forward)
