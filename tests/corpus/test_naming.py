import pytest

from topicgen.corpus import Corpus, Document, Vectorizer, build_corpus
from topicgen.corpus.counting import blocks, tally
from topicgen.corpus.naming import naming
from topicgen.corpus.words.tokenizers import TokenizerError
from topicgen.errors import InputError

DOCUMENTS = [Document(text, f"news/{text}.txt") for text in ("bank", "rates", "bad", "rose")]


def cut(text):
    if text == "bad":
        raise ValueError("a bad text")
    return text.split()


def cut_into_tuple(text):
    return tuple(text.split()) if text == "bad" else text.split()


@pytest.mark.parametrize("options", [{}, {"ngram_range": (1, 2)}, {"phrases": 2}])
@pytest.mark.parametrize("size", [1, 50_000])
def test_document_at_which_the_tokenizer_fails_is_named(
    refuses, tmp_path, monkeypatch, options, size
):
    monkeypatch.setattr(blocks, "_DOCUMENTS_A_BLOCK", size)
    monkeypatch.setattr(tally, "_MOST_TERMS", size)
    vectorizer = Vectorizer(tokenizer=cut, **options)
    by_id = "the tokenizer cut failed at the document 'news/bad.txt', with the text 'bad': ValueE"
    with refuses(by_id):
        Corpus.from_documents(DOCUMENTS, vectorizer)
    with refuses(by_id):
        build_corpus(DOCUMENTS, vectorizer, tmp_path / "corpus")
    assert not (tmp_path / "corpus").exists()
    with refuses("failed at the document at index 2, with the text 'bad': ValueError: a bad text"):
        vectorizer.fit([document.text for document in DOCUMENTS])


def test_document_is_named_in_transform(refuses):
    fitted = Vectorizer(tokenizer=cut_into_tuple).fit(["bank rates", "rose"])
    with refuses("returned ('bad',) for the document at index 1", "return a list of strings"):
        fitted.transform(["bank", "bad"])
    with refuses("returned ('bad',) for the document 'news/bad.txt'"):
        Corpus.from_documents(DOCUMENTS, fitted, fit=False)


def test_cause_is_the_exception_of_the_user():
    with pytest.raises(TokenizerError) as caught:
        Corpus.from_documents(DOCUMENTS, Vectorizer(tokenizer=cut))
    assert repr(caught.value.__cause__) == "ValueError('a bad text')"


def test_other_errors_pass():
    with naming(DOCUMENTS) as named:
        assert list(named) == DOCUMENTS
    with pytest.raises(InputError, match="got str at index 0"):
        Corpus.from_documents(["text"], Vectorizer())


def test_tokenizer_that_fails_at_stop_words_only_is_no_mistake():
    def of_two_words(text):
        first, second = text.split()
        return [first, second]

    fitted = Vectorizer(tokenizer=of_two_words).fit(["the bank", "rates rose"])
    assert sorted(fitted.vocabulary_) == ["bank", "rates", "rose"]
