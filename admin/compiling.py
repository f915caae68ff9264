"""Templates as one piece: what they include, the macros they call and the words they say are put in once.

A part or a macro that is called has a context or a text of its own, and is told its constants each time; a page of a
ticket had a hundred of them, which took longer than all they write.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, TypeVar

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

New = TypeVar("New", bound=nodes.Node)

Answers = Mapping[str, Callable[[str], str]]  # functions whose answer to a constant is the same at each page
Macros = dict[str, tuple[nodes.Macro, str]]  # by the name they are called by; with the prefix of their neighbours


def macros_of(templates: Environment, name: str, prefix: str = "") -> Macros:
    """Those of a file, as pages call them."""
    return {prefix + macro.name: (macro, prefix) for macro in _parsed(templates, name).find_all(nodes.Macro)}


def in_one_piece(
    templates: Environment, template: nodes.Template, answers: Answers, macros: Macros
) -> nodes.Template:
    """The template with nothing left to be called that is known when it is compiled."""
    whole = _Included(templates).visit(template)
    own = {macro.name: (macro, "") for macro in whole.find_all(nodes.Macro)}
    piece: nodes.Template = _Known(templates, answers, macros | own).visit(whole)
    return piece


def _parsed(templates: Environment, name: str) -> nodes.Template:
    """With what it includes."""
    assert templates.loader is not None
    source, filename, _ = templates.loader.get_source(templates, name)
    whole: nodes.Template = _Included(templates).visit(templates.parse(source, name, filename))
    return whole


class _Included(NodeTransformer):
    """Puts in what a template includes."""

    def __init__(self, templates: Environment) -> None:
        self._templates = templates

    def visit_Include(self, include: nodes.Include) -> nodes.Node:
        assert isinstance(include.template, nodes.Const), "a page says by name what it includes"
        body = _parsed(self._templates, include.template.value).body
        return nodes.Scope(body, lineno=include.lineno, environment=self._templates)


class _Known(NodeTransformer):
    """Puts in macros and constant answers, and leaves out branches that are never taken."""

    def __init__(self, templates: Environment, answers: Answers, macros: Macros) -> None:
        self._templates, self._answers, self._macros = templates, answers, macros
        self._prefix, self._line, self._numbers = "", 1, count()

    def visit(self, node: nodes.Node, *arguments: Any, **named: Any) -> Any:
        self._line = node.lineno or self._line
        return super().visit(node, *arguments, **named)

    def visit_Call(self, call: nodes.Call) -> nodes.Node:
        """What a call like ``t("Tickets")`` answers."""
        found = self.generic_visit(call)
        match call:
            case nodes.Call(
                node=nodes.Name(name=name), args=[nodes.Const(value=str(words))], kwargs=[], dyn_args=None
            ) if name in self._answers and call.dyn_kwargs is None:
                return self._new(nodes.Const, self._answers[name](words))
        return found

    def visit_If(self, choice: nodes.If) -> nodes.Node | list[nodes.Node]:
        """Without the branches that are never taken."""
        possible, rest = list[nodes.If](), choice.else_
        for branch in (choice, *choice.elif_):
            test = self.visit(branch.test)
            known = _known(test)
            if known:
                rest = branch.body
                break
            if known is None:
                possible.append(self._new(nodes.If, test, self._all(branch.body), [], []))
        if not possible:
            return self._all(rest)
        first, *others = possible
        return self._new(nodes.If, first.test, first.body, others, self._all(rest))

    def visit_Output(self, output: nodes.Output) -> list[nodes.Node]:
        """What is written, with the macros among it put in."""
        written = list[nodes.Node]()
        for node in output.nodes:
            for one in self._put_in(node) or [self._new(nodes.Output, [self.visit(node)])]:
                if isinstance(one, nodes.Output) and written and isinstance(written[-1], nodes.Output):
                    written[-1].nodes.extend(one.nodes)
                else:
                    written.append(one)
        return written

    def _put_in(self, call: nodes.Node) -> list[nodes.Node]:
        """The body of a macro, in which constants stand for themselves and other values under a name of their own.

        Empty where no macro is called.
        """
        match call:
            case nodes.Call(node=nodes.Name(name=name)) if self._prefix + name in self._macros:
                macro, prefix = self._macros[self._prefix + name]
            case nodes.Call(node=nodes.Getattr(node=nodes.Name(name=module), attr=name)) if (
                f"{module}.{name}" in self._macros
            ):
                macro, prefix = self._macros[f"{module}.{name}"]
            case _:
                return []
        said, named = list[nodes.Node](), {name: self._own(name) for name in _set_in(macro)}
        for parameter, value in _arguments(macro, call).items():
            given = self.visit(value)
            if isinstance(given, nodes.Const) and parameter not in named:
                named[parameter] = given
            else:
                named[parameter] = self._own(parameter)
                said.append(self._new(nodes.Assign, _stored(named[parameter]), given))
        outer, self._prefix = self._prefix, prefix
        body = self._all(_filled(macro.body, named))
        self._prefix = outer
        is_text = not said and all(isinstance(node, nodes.Output) for node in body)
        return body if is_text else [self._new(nodes.Scope, [*said, *body])]

    def _own(self, name: str) -> nodes.Expr:
        """A name that stands nowhere else in the page."""
        return self._new(nodes.Name, f"{name}_{next(self._numbers)}", "load")

    def _all(self, body: Sequence[nodes.Node]) -> list[nodes.Node]:
        scope = self._new(nodes.Scope, list(body))
        self.generic_visit(scope)
        return scope.body

    def _new(self, kind: type[New], *fields: Any) -> New:
        return kind(*fields, lineno=self._line, environment=self._templates)


def _known(condition: nodes.Expr) -> bool | None:
    try:
        return bool(condition.as_const())
    except nodes.Impossible:
        return None


def _arguments(macro: nodes.Macro, call: nodes.Call) -> dict[str, nodes.Expr]:
    """Raises KeyError, TypeError where the call does not fit the macro."""
    names = [parameter.name for parameter in macro.args]
    usual = dict(zip(reversed(names), reversed(macro.defaults), strict=False))
    given = dict(zip(names, call.args, strict=False)) | {one.key: one.value for one in call.kwargs}
    if len(call.args) > len(names) or not set(given) <= set(names):
        raise TypeError(f"{macro.name} takes {', '.join(names)}; line {call.lineno}")
    return {name: given.get(name) or usual[name] for name in names}


def _set_in(macro: nodes.Macro) -> frozenset[str]:
    return frozenset(name.name for name in macro.find_all(nodes.Name) if name.ctx == "store")


def _stored(name: nodes.Expr) -> nodes.Name:
    assert isinstance(name, nodes.Name)
    return nodes.Name(name.name, "store", lineno=name.lineno, environment=name.environment)


def _filled(node: Any, named: Mapping[str, nodes.Expr]) -> Any:
    """A copy of a part of a template in which these names stand for other expressions."""
    if isinstance(node, list | tuple):
        return type(node)([_filled(one, named) for one in node])
    if not isinstance(node, nodes.Node):
        return node
    if isinstance(node, nodes.Name) and node.ctx in {"load", "store"} and node.name in named:
        return named[node.name] if node.ctx == "load" else _stored(named[node.name])
    fields = (_filled(getattr(node, field), named) for field in node.fields)
    return type(node)(*fields, lineno=node.lineno, environment=node.environment)
