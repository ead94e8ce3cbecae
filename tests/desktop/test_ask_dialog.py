from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desktop import look
from app.desktop.ask_answers import AnswersModel
from app.desktop.ask_dialog import AskChoice, AskDialog
from app.desktop.ask_questions import AskedQuestions
from app.domain.cost import Interval, Quote
from app.domain.finding import Outcome
from app.domain.kinds import DocumentState
from app.domain.spans import Span
from app.domain.work import Progress
from app.review.ground import cite
from app.wiring.questions import Quoted, in_sentence
from tests.conftest import paged
from tests.desktop.grid_made import CellState, document, documents, outcome

QUESTION = "Who pays the rent?"
NAMES = {held.id: held.name for held in documents(3)}


def quote(findings: int = 2) -> Quote:
    return Quote(
        findings=findings, currency="USD", cost=Interval(expected=0.42, low=0.34, high=0.5),
        seconds=Interval(expected=6, low=5, high=8), kwh=Interval(expected=0.03, low=0.02, high=0.04),
    )  # fmt: skip


def answers() -> tuple[Outcome, ...]:
    return (
        outcome(document(0), "ask", value="Ada"),
        outcome(document(1), "ask", CellState.ABSTAINED),
        outcome(document(2), "ask", CellState.ABSENT),
    )


@pytest.fixture
def dialog(qtbot: QtBot, qapp: QApplication) -> AskDialog:
    look.dress(qapp, "light")
    made = AskDialog()
    qtbot.addWidget(made)
    made.set_where(documents(3), document(1))
    with qtbot.waitActive(made):
        made.present()
    return made


def focused(dialog: AskDialog) -> None:
    assert dialog.focusWidget() is dialog.question


def written(dialog: AskDialog, qtbot: QtBot, question: str = QUESTION) -> AskChoice:
    with qtbot.waitSignal(dialog.quote_wanted):
        QTest.keyClicks(dialog.question, question)
    return dialog.choice


def test_it_opens_ready_to_write_for_the_document_that_is_looked_at(dialog: AskDialog, qtbot: QtBot) -> None:
    focused(dialog)
    assert not dialog.ask.isEnabled()
    assert written(dialog, qtbot) == AskChoice(QUESTION, (document(1).id,))


def test_the_price_is_said_before_it_is_asked(dialog: AskDialog, qtbot: QtBot) -> None:
    choice = written(dialog, qtbot)
    dialog.show_quote(quote(), choice)
    for told in ("2 answers", "$0.42", "about 6 s"):
        assert told in dialog.price.text()


def test_a_quote_that_is_out_of_date_is_not_shown(dialog: AskDialog, qtbot: QtBot) -> None:
    choice = written(dialog, qtbot)
    dialog.where.all.click()
    dialog.show_quote(quote(), choice)
    assert "$" not in dialog.price.text()


def test_enter_asks_exactly_once(dialog: AskDialog, qtbot: QtBot) -> None:
    choice = written(dialog, qtbot)
    asked: list[AskChoice] = []
    dialog.ask_requested.connect(asked.append)
    QTest.keyClick(dialog.question, Qt.Key.Key_Return)
    assert asked == [choice]


def test_a_blank_question_is_not_asked(dialog: AskDialog, qtbot: QtBot) -> None:
    QTest.keyClicks(dialog.question, "  ")
    with qtbot.assertNotEmitted(dialog.ask_requested):
        QTest.keyClick(dialog.question, Qt.Key.Key_Return)


def test_documents_that_cannot_be_read_are_no_choice(dialog: AskDialog) -> None:
    locked = document(5, state=DocumentState.LOCKED, reason="Locked.")
    dialog.set_where([document(0), locked], locked, [document(0), locked])
    assert dialog.where.this.isHidden()
    assert dialog.where.selected.isHidden()
    assert dialog.where.all.text() == "&All: 1 document"
    dialog.set_where([locked], locked)
    assert dialog.price.text() == "No document is ready. Add documents first."


def test_several_marked_documents_are_offered_first(dialog: AskDialog) -> None:
    dialog.set_where(documents(3), document(1), [document(0), document(2)])
    assert dialog.choice.documents == (document(0).id, document(2).id)


def test_what_was_chosen_stays_when_another_document_is_looked_at(dialog: AskDialog) -> None:
    dialog.where.all.click()
    dialog.set_where(documents(3), document(2), fresh=False)
    assert dialog.choice.documents == ()
    dialog.where.this.click()
    dialog.set_where(documents(3), document(0), fresh=False)
    assert dialog.choice.documents == (document(0).id,)


def test_while_other_work_runs_a_question_waits_and_says_so(dialog: AskDialog, qtbot: QtBot) -> None:
    written(dialog, qtbot)
    dialog.set_busy(True)
    assert not dialog.ask.isEnabled()
    assert "Ctrl+." in dialog.price.text()


def test_answers_asked_before_are_shown_even_while_other_work_runs(dialog: AskDialog, qtbot: QtBot) -> None:
    choice = written(dialog, qtbot)
    dialog.set_busy(True)
    dialog.show_quote(quote(0), choice)
    assert dialog.ask.isEnabled()
    assert dialog.ask.text() == "Show"


def test_while_it_runs_it_can_be_stopped_and_says_how_far_it_is(dialog: AskDialog, qtbot: QtBot) -> None:
    written(dialog, qtbot)
    dialog.begin(QUESTION, kept=False)
    dialog.show_progress(Progress(what="reviewing", done=1, total=3))
    assert dialog.results.done.text() == "1 of 3 documents asked"
    assert dialog.stop.isVisible()
    with qtbot.waitSignal(dialog.stop_requested):
        QTest.keyClick(dialog.question, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)


def ended(dialog: AskDialog, qtbot: QtBot) -> None:
    written(dialog, qtbot)
    dialog.begin(QUESTION, kept=False)
    dialog.show_answers(answers(), NAMES)
    dialog.end()


def test_the_first_answer_is_at_hand_when_all_are_there(dialog: AskDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.answer_chosen) as chosen:
        ended(dialog, qtbot)
    assert chosen.args == [document(0).id]
    assert dialog.results.list.hasFocus()
    assert dialog.results.counts.text() == "1 found, 1 not sure, 1 absent."


def test_arrows_choose_and_enter_opens(dialog: AskDialog, qtbot: QtBot) -> None:
    ended(dialog, qtbot)
    with qtbot.waitSignal(dialog.answer_chosen) as chosen:
        QTest.keyClick(dialog.results.list, Qt.Key.Key_Down)
    assert chosen.args == [document(1).id]
    with qtbot.assertNotEmitted(dialog.ask_requested), qtbot.waitSignal(dialog.answer_opened) as opened:
        QTest.keyClick(dialog.results.list, Qt.Key.Key_Return)
    assert opened.args == [document(1).id]


def test_k_keeps_the_answers_and_is_a_letter_in_a_question(dialog: AskDialog, qtbot: QtBot) -> None:
    ended(dialog, qtbot)
    with qtbot.waitSignal(dialog.keep_changed) as kept:
        QTest.keyClick(dialog.results.list, Qt.Key.Key_K)
    assert kept.args == [True]
    QTest.keyClick(dialog.results.list, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    focused(dialog)
    with qtbot.assertNotEmitted(dialog.keep_changed):
        QTest.keyClicks(dialog.question, "kk")
    assert dialog.question.currentText() == "kk"


def test_answers_that_come_later_leave_the_cursor_on_its_document(dialog: AskDialog, qtbot: QtBot) -> None:
    ended(dialog, qtbot)
    QTest.keyClick(dialog.results.list, Qt.Key.Key_Down)
    with qtbot.assertNotEmitted(dialog.answer_chosen):
        dialog.show_answers(answers()[::-1], NAMES)
    assert dialog.results.list.current_document() == document(1).id


def test_nothing_found_says_what_else_to_try(dialog: AskDialog, qtbot: QtBot) -> None:
    written(dialog, qtbot)
    dialog.begin(QUESTION, kept=False)
    dialog.show_answers(answers()[2:], NAMES)
    assert dialog.results.counts.text() == "1 absent."
    dialog.end()
    assert dialog.results.counts.text().startswith("Nothing was found: 1 absent.")
    assert "Ctrl+Shift+F" in dialog.results.counts.text()


def test_a_failure_says_why_and_what_to_do(dialog: AskDialog, qtbot: QtBot) -> None:
    written(dialog, qtbot)
    dialog.begin(QUESTION, kept=False)
    dialog.end("The model is not here.", "Fetch it.")
    assert dialog.results.failed.isVisible()
    assert dialog.results.failed.title.text() == "The model is not here."
    assert dialog.results.failed.text.text() == "Fetch it."
    assert dialog.ask.isVisible()


def test_questions_asked_before_are_offered_and_what_is_written_stays(
    dialog: AskDialog, qtbot: QtBot
) -> None:
    written(dialog, qtbot)
    dialog.set_recent(["What is the rent?", "Who is the landlord?"])
    assert dialog.question.currentText() == QUESTION
    with qtbot.waitSignal(dialog.quote_wanted) as wanted:
        QTest.keyClick(dialog.question, Qt.Key.Key_Down)
    assert wanted.args is not None
    assert wanted.args[0].question == "What is the rent?"


def test_escape_closes_it(dialog: AskDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.closed):
        QTest.keyClick(dialog.question, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_laptop_at_150_per_cent_in_either_theme(
    theme: str, qtbot: QtBot, qapp: QApplication
) -> None:
    look.dress(qapp, theme)
    dialog = AskDialog()
    qtbot.addWidget(dialog)
    dialog.set_where(documents(3), document(1, name="A very long name of an agreement " * 9 + ".pdf"))
    dialog.begin(QUESTION, kept=True)
    dialog.show_answers(answers(), NAMES)
    dialog.results.list.answers.show_sentence(
        answers()[0].finding.id, Quoted("By the 5th, ", "\N{GRINNING FACE} " * 400, " without delay.")
    )
    dialog.show()
    assert dialog.width() <= 1066
    assert dialog.minimumSizeHint().width() <= 1066
    assert dialog.height() <= 680
    picture = QPixmap(dialog.size())
    dialog.render(picture)
    assert picture.toImage().pixelColor(2, 2) == look.colour("window")


# what is read in a row


def test_the_model_keeps_the_rules_of_qt(qtbot: QtBot) -> None:
    model = AnswersModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_answers(answers(), NAMES)
    model.show_answers((), {})


def test_a_screen_reader_says_value_confidence_place_and_quote(qtbot: QtBot) -> None:
    model = AnswersModel()
    model.show_answers(answers(), NAMES)
    said = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Ada, sure, Agreement 0.pdf · p. 1, “words”"
    assert model.data(model.index(1), Qt.ItemDataRole.AccessibleTextRole) == (
        "Not sure, Agreement 1.pdf, It could not be told."
    )


def shown(sentence: Quoted, value: str = "Ada") -> tuple[str, str]:
    """What is read, and what of it stands out."""
    model = AnswersModel()
    held = outcome(document(0), "ask", value=value)
    model.show_answers((held,), NAMES)
    model.show_sentence(held.finding.id, sentence)
    text, start, end = model.quote(0)
    return text, text[start:end]


def test_the_cited_words_stand_out_in_their_sentence() -> None:
    assert shown(Quoted("The rent is paid by ", "Ada Ltd.", " monthly.")) == (
        "“The rent is paid by Ada Ltd. monthly.”",
        "Ada Ltd.",
    )


def test_of_a_whole_sentence_the_value_stands_out() -> None:
    assert shown(Quoted("", "The rent is paid by Ada Ltd. monthly.", ""))[1] == "Ada"
    assert shown(Quoted("", "Ada pays.", ""), "Ada pays.")[1] == ""


def test_a_long_sentence_is_shown_from_near_what_stands_out() -> None:
    text, strong = shown(Quoted("word " * 90, "Ada Ltd.", " monthly."))
    assert strong == "Ada Ltd."
    assert text.startswith("“…word ")
    assert text.index(strong) < 90


def test_a_sentence_is_asked_for_once(qtbot: QtBot) -> None:
    model = AnswersModel()
    model.show_answers(answers(), NAMES)
    wanted: list[object] = []
    model.sentence_wanted.connect(wanted.append)
    model.quote(0)
    model.quote(0)
    assert wanted == [answers()[0].finding]


def test_cited_words_are_given_in_the_sentence_they_stand_in() -> None:
    pages = paged("First page.", "It rains here.\n\nThe rent is paid\nby Ada Ltd. every month. It is low.")
    start = "\f".join(page.text for page in pages).index("Ada Ltd.")
    citation = cite(Span(start, start + len("Ada Ltd.")), pages)
    assert citation is not None
    assert in_sentence(citation, pages[1]) == Quoted("The rent is paid by ", "Ada Ltd.", " every month.")


# which questions are columns


def test_a_question_is_a_column_while_it_is_kept_or_looked_at() -> None:
    questions = AskedQuestions()
    key = questions.look_at(" who  pays the RENT ")
    assert questions.look_at(QUESTION) == key
    assert questions.columns == [(key, "who pays the RENT")]
    questions.look_away()
    assert questions.columns == []
    assert questions.latest == ["who pays the RENT"]
    questions.keep(key, True)
    assert questions.columns == [(key, "who pays the RENT")]
    questions.keep(key, False)
    assert questions.columns == []
