{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.Classes;

{$mode delphi}{$H+}

interface

uses
  Classes;

type
  TStream = Classes.TStream;
  TBytesStream = Classes.TBytesStream;
  TStringList = Classes.TStringList;

implementation

end.
