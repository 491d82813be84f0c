"""The Qt application itself, dressed in its greys; made once, before the first window."""

from __future__ import annotations

import sys

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QApplication

from widgets.messages import keep_log
from widgets.theme import dress


def make_application() -> QApplication:
    """Make the application with its look and its log."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("conservation-workstation")
    application.setApplicationDisplayName("Conservation Workstation")
    application.setDesktopFileName("conservation-workstation")
    dress(application)
    keep_log()
    return application
