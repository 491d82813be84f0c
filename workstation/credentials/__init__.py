"""Certificates, signing and verifying: the one door through which every export leaves."""
